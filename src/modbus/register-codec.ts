import { type ByteOrder, swapsBytes, swapsWords } from "./byte-order.ts";

/** Registers taken by each numeric type. */
export const NUMERIC_WORDS = {
  int16: 1,
  uint16: 1,
  bcd16: 1,
  int32: 2,
  uint32: 2,
  float32: 2,
  bcd32: 2,
  int64: 4,
  uint64: 4,
  float64: 4,
  bcd64: 4,
} as const;

export type NumericType = keyof typeof NUMERIC_WORDS;

/** What lies in registers before scaling: 64-bit integers (and bcd64) are exact bigints. */
export type RawValue = boolean | number | bigint | string;

/** How one value lies in consecutive registers. */
export type RegisterFormat =
  | { readonly type: NumericType; readonly order: ByteOrder }
  /** `length` bytes of Latin-1 text, two to a register; trailing NULs and spaces are padding. */
  | { readonly type: "string"; readonly length: number; readonly order: ByteOrder }
  /** Bits `low` to `high` (0..15) of one register as an unsigned number; one bit alone is a boolean. */
  | { readonly type: "bits"; readonly low: number; readonly high: number; readonly order: ByteOrder };

/** Translates one value from and to its registers; one codec serves reading and writing. */
export interface RegisterCodec {
  readonly words: number;
  /** The value at `registers[offset]`; undefined where the registers hold none (BCD digits above 9). */
  decode(registers: readonly number[], offset: number): RawValue | undefined;
  /** The registers that hold `value`; undefined where it does not fit. For bits: the bits alone, in their place. */
  encode(value: RawValue): readonly number[] | undefined;
}

export function registerCodec(format: RegisterFormat): RegisterCodec {
  if (format.type === "bits") return bitsCodec(format.low, format.high, format.order);
  if (format.type === "string") return stringCodec(format.length, format.order);
  return numericCodec(format.type, format.order);
}

/** The mask of bits `low` to `high` of a register. */
export function bitMask(low: number, high: number): number {
  return ((1 << (high - low + 1)) - 1) << low;
}

const scratch = new DataView(new ArrayBuffer(8));

interface NumericFormat {
  readonly read: () => number | bigint | undefined;
  /** Puts the value into the scratch bytes; false where it does not fit. */
  readonly write: (value: number | bigint) => boolean;
}

const NUMERIC: Readonly<Record<NumericType, NumericFormat>> = {
  int16: integer(
    -0x8000,
    0x7fff,
    () => scratch.getInt16(0),
    (value) => scratch.setInt16(0, value),
  ),
  uint16: integer(
    0,
    0xffff,
    () => scratch.getUint16(0),
    (value) => scratch.setUint16(0, value),
  ),
  int32: integer(
    -0x8000_0000,
    0x7fff_ffff,
    () => scratch.getInt32(0),
    (value) => scratch.setInt32(0, value),
  ),
  uint32: integer(
    0,
    0xffff_ffff,
    () => scratch.getUint32(0),
    (value) => scratch.setUint32(0, value),
  ),
  int64: long(
    -(2n ** 63n),
    2n ** 63n - 1n,
    () => scratch.getBigInt64(0),
    (value) => scratch.setBigInt64(0, value),
  ),
  uint64: long(
    0n,
    2n ** 64n - 1n,
    () => scratch.getBigUint64(0),
    (value) => scratch.setBigUint64(0, value),
  ),
  float32: real(
    (value) => Math.abs(value) <= MAX_FLOAT32 || !Number.isFinite(value),
    () => scratch.getFloat32(0),
    (value) => scratch.setFloat32(0, value),
  ),
  float64: real(
    () => true,
    () => scratch.getFloat64(0),
    (value) => scratch.setFloat64(0, value),
  ),
  bcd16: { read: () => asNumber(readBcd(2)), write: (value) => writeBcd(value, 2) },
  bcd32: { read: () => asNumber(readBcd(4)), write: (value) => writeBcd(value, 4) },
  bcd64: { read: () => readBcd(8), write: (value) => writeBcd(value, 8) },
};

const MAX_FLOAT32 = 3.4028234663852886e38;

function integer(min: number, max: number, read: () => number, write: (value: number) => void): NumericFormat {
  return {
    read,
    write(value) {
      const number = Number(value);
      if (!Number.isInteger(number) || number < min || number > max) return false;
      write(number);
      return true;
    },
  };
}

function long(min: bigint, max: bigint, read: () => bigint, write: (value: bigint) => void): NumericFormat {
  return {
    read,
    write(value) {
      const exact = asBigInt(value);
      if (exact === undefined || exact < min || exact > max) return false;
      write(exact);
      return true;
    },
  };
}

function real(fits: (value: number) => boolean, read: () => number, write: (value: number) => void): NumericFormat {
  return {
    read,
    write(value) {
      const number = Number(value);
      if (!fits(number)) return false;
      write(number);
      return true;
    },
  };
}

function asNumber(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** A number is taken as a 64-bit integer only where it is one exactly. */
function asBigInt(value: number | bigint): bigint | undefined {
  if (typeof value === "bigint") return value;
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

function readBcd(bytes: number): bigint | undefined {
  let value = 0n;
  for (let index = 0; index < bytes; index++) {
    const byte = scratch.getUint8(index);
    const high = byte >> 4;
    const low = byte & 15;
    if (high > 9 || low > 9) return undefined;
    value = value * 100n + BigInt(high * 10 + low);
  }
  return value;
}

function writeBcd(value: number | bigint, bytes: number): boolean {
  let rest = asBigInt(value);
  if (rest === undefined || rest < 0n || rest >= 100n ** BigInt(bytes)) return false;
  for (let index = bytes - 1; index >= 0; index--) {
    const pair = Number(rest % 100n);
    scratch.setUint8(index, (Math.floor(pair / 10) << 4) | (pair % 10));
    rest /= 100n;
  }
  return true;
}

function numericCodec(type: NumericType, order: ByteOrder): RegisterCodec {
  const words = NUMERIC_WORDS[type];
  const { read, write } = NUMERIC[type];
  const littleEndian = swapsBytes(order);
  const reversed = swapsWords(order);
  const place = (index: number): number => (reversed ? words - 1 - index : index) * 2;
  return {
    words,
    decode(registers, offset) {
      for (let index = 0; index < words; index++) {
        scratch.setUint16(place(index), registers[offset + index] ?? 0, littleEndian);
      }
      return read();
    },
    encode(value) {
      if (typeof value !== "number" && typeof value !== "bigint") return undefined;
      if (!write(value)) return undefined;
      return Array.from({ length: words }, (_, index) => scratch.getUint16(place(index), littleEndian));
    },
  };
}

function bitsCodec(low: number, high: number, order: ByteOrder): RegisterCodec {
  const mask = bitMask(low, high);
  const single = low === high;
  const swap = swapsBytes(order) ? swapRegister : (register: number) => register;
  return {
    words: 1,
    decode(registers, offset) {
      const bits = (swap(registers[offset] ?? 0) & mask) >>> low;
      return single ? bits === 1 : bits;
    },
    encode(value) {
      const bits = Number(value);
      if (typeof value === "string" || !Number.isInteger(bits) || bits < 0 || bits > mask >>> low) return undefined;
      return [swap(bits << low)];
    },
  };
}

/** The register with its two bytes exchanged. */
export function swapRegister(register: number): number {
  return ((register & 0xff) << 8) | (register >>> 8);
}

function stringCodec(length: number, order: ByteOrder): RegisterCodec {
  const words = Math.ceil(length / 2);
  const littleEndian = swapsBytes(order);
  return {
    words,
    decode(registers, offset) {
      const bytes = Buffer.alloc(words * 2);
      for (let index = 0; index < words; index++)
        writeWord(bytes, index * 2, registers[offset + index] ?? 0, littleEndian);
      const end = bytes.indexOf(0);
      return bytes.toString("latin1", 0, Math.min(end < 0 ? length : end, length)).trimEnd();
    },
    encode(value) {
      if (typeof value !== "string" || value.length > length || /[^\u0001-\u00ff]/.test(value)) return undefined;
      const bytes = Buffer.alloc(words * 2);
      bytes.write(value, "latin1");
      return Array.from({ length: words }, (_, index) =>
        littleEndian ? bytes.readUInt16LE(index * 2) : bytes.readUInt16BE(index * 2),
      );
    },
  };
}

function writeWord(bytes: Buffer, at: number, word: number, littleEndian: boolean): void {
  if (littleEndian) bytes.writeUInt16LE(word, at);
  else bytes.writeUInt16BE(word, at);
}
