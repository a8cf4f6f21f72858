import { invariant } from "../kit/invariant.ts";
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

export interface RawRange {
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** Translates one value from and to its registers; one codec serves reading and writing. */
export interface RegisterCodec {
  readonly words: number;
  /** The least and the greatest number that fits; undefined for text. */
  readonly range: RawRange | undefined;
  /** The value at `registers[offset]`; undefined where the registers hold none (BCD digits above 9). */
  decode(registers: readonly number[], offset: number): RawValue | undefined;
  /** The registers that hold `value`; undefined where it does not fit. For bits: the bits alone, in their place. */
  encode(value: RawValue): readonly number[] | undefined;
}

/** Reading past the end of the registers is a bug of ours: it would make up a value out of zeros. */
export function registerCodec(format: RegisterFormat): RegisterCodec {
  const codec = codecOf(format);
  return {
    ...codec,
    decode(registers, offset) {
      const end = offset + codec.words;
      invariant(end <= registers.length, `registers ${offset} to ${end - 1} wanted, ${registers.length} there`);
      return codec.decode(registers, offset);
    },
  };
}

function codecOf(format: RegisterFormat): RegisterCodec {
  if (format.type === "bits") return bitsCodec(format.low, format.high, format.order);
  if (format.type === "string") return stringCodec(format.length, format.order);
  return numericCodec(format.type, format.order);
}

/** The mask of bits `low` to `high` of a register. */
export function bitMask(low: number, high: number): number {
  return ((1 << (high - low + 1)) - 1) << low;
}

const scratch = new DataView(new ArrayBuffer(8));

const MAX_FLOAT32 = 3.4028234663852886e38;

interface NumericFormat {
  readonly range: RawRange;
  readonly read: () => number | bigint | undefined;
  /** Puts the value into the scratch bytes; false where it does not fit. */
  readonly write: (value: number | bigint) => boolean;
}

const NUMERIC: Readonly<Record<NumericType, NumericFormat>> = {
  int16: integer(-0x8000, 0x7fff, {
    read: () => scratch.getInt16(0),
    write: (value) => scratch.setInt16(0, value),
  }),
  uint16: integer(0, 0xffff, {
    read: () => scratch.getUint16(0),
    write: (value) => scratch.setUint16(0, value),
  }),
  int32: integer(-0x8000_0000, 0x7fff_ffff, {
    read: () => scratch.getInt32(0),
    write: (value) => scratch.setInt32(0, value),
  }),
  uint32: integer(0, 0xffff_ffff, {
    read: () => scratch.getUint32(0),
    write: (value) => scratch.setUint32(0, value),
  }),
  int64: long(-(2n ** 63n), 2n ** 63n - 1n, {
    read: () => scratch.getBigInt64(0),
    write: (value) => scratch.setBigInt64(0, value),
  }),
  uint64: long(0n, 2n ** 64n - 1n, {
    read: () => scratch.getBigUint64(0),
    write: (value) => scratch.setBigUint64(0, value),
  }),
  float32: real(MAX_FLOAT32, {
    read: () => scratch.getFloat32(0),
    write: (value) => scratch.setFloat32(0, value),
  }),
  float64: real(Number.MAX_VALUE, {
    read: () => scratch.getFloat64(0),
    write: (value) => scratch.setFloat64(0, value),
  }),
  bcd16: integer(0, 9999, {
    read: () => asNumber(readBcd(2)),
    write: (value) => writeBcd(BigInt(value), 2),
  }),
  bcd32: integer(0, 99_999_999, {
    read: () => asNumber(readBcd(4)),
    write: (value) => writeBcd(BigInt(value), 4),
  }),
  bcd64: long(0n, 10n ** 16n - 1n, {
    read: () => readBcd(8),
    write: (value) => writeBcd(value, 8),
  }),
};

/** How a value that fits moves between the scratch bytes and a JavaScript value. */
interface ScratchAccess<T> {
  readonly read: () => T | undefined;
  readonly write: (value: T) => void;
}

function integer(min: number, max: number, { read, write }: ScratchAccess<number>): NumericFormat {
  return {
    range: { min, max },
    read,
    write(value) {
      const number = Number(value);
      if (!Number.isInteger(number) || number < min || number > max) return false;
      write(number);
      return true;
    },
  };
}

function long(min: bigint, max: bigint, { read, write }: ScratchAccess<bigint>): NumericFormat {
  return {
    range: { min, max },
    read,
    write(value) {
      const exact = asBigInt(value);
      if (exact === undefined || exact < min || exact > max) return false;
      write(exact);
      return true;
    },
  };
}

/** NaN and the infinities fit too: what they mean is not the wire's business. */
function real(most: number, { read, write }: ScratchAccess<number>): NumericFormat {
  return {
    range: { min: -most, max: most },
    read,
    write(value) {
      const number = Number(value);
      if (Number.isFinite(number) && Math.abs(number) > most) return false;
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

/** `value` is known to have at most two digits a byte. */
function writeBcd(value: bigint, bytes: number): void {
  let rest = value;
  for (let index = bytes - 1; index >= 0; index--) {
    const pair = Number(rest % 100n);
    scratch.setUint8(index, (Math.floor(pair / 10) << 4) | (pair % 10));
    rest /= 100n;
  }
}

function numericCodec(type: NumericType, order: ByteOrder): RegisterCodec {
  const words = NUMERIC_WORDS[type];
  const { range, read, write } = NUMERIC[type];
  const littleEndian = swapsBytes(order);
  const reversed = swapsWords(order);
  const place = (index: number): number => (reversed ? words - 1 - index : index) * 2;
  return {
    words,
    range,
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
  const max = bitMask(low, high) >>> low;
  const single = low === high;
  const swap = swapsBytes(order) ? swapRegister : (register: number) => register;
  return {
    words: 1,
    range: { min: 0, max },
    decode(registers, offset) {
      const bits = (swap(registers[offset] ?? 0) >>> low) & max;
      return single ? bits === 1 : bits;
    },
    encode(value) {
      const bits = Number(value);
      if (typeof value === "string" || !Number.isInteger(bits) || bits < 0 || bits > max) return undefined;
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
    range: undefined,
    decode(registers, offset) {
      const bytes = Buffer.alloc(words * 2);
      for (let index = 0; index < words; index++)
        writeWord(bytes, index * 2, registers[offset + index] ?? 0, littleEndian);
      const end = bytes.indexOf(0);
      return withoutPadding(bytes.toString("latin1", 0, Math.min(end < 0 ? length : end, length)));
    },
    encode(value) {
      if (typeof value !== "string" || value.length > length || !isLatin1(value)) return undefined;
      const bytes = Buffer.alloc(words * 2);
      bytes.write(value, "latin1");
      return Array.from({ length: words }, (_, index) =>
        littleEndian ? bytes.readUInt16LE(index * 2) : bytes.readUInt16BE(index * 2),
      );
    },
  };
}

/** Spaces at the end are padding: many devices fill their text with them. Other white space is content. */
export function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return text.slice(0, end);
}

/** Whether every character is one byte of Latin-1 and none is the NUL that would end the text. */
export function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0 || code > 0xff) return false;
  }
  return true;
}

function writeWord(bytes: Buffer, at: number, word: number, littleEndian: boolean): void {
  if (littleEndian) bytes.writeUInt16LE(word, at);
  else bytes.writeUInt16BE(word, at);
}
