import type { Tag } from "../../src/device/tag.ts";

export type NumberType = Exclude<Tag["type"], "bool" | "string" | "enum">;

const BYTES: Readonly<Record<NumberType, 2 | 4 | 8>> = {
  int16: 2,
  uint16: 2,
  bcd16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  bcd32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
  bcd64: 8,
};

export function typeBytes(type: NumberType): 2 | 4 | 8 {
  return BYTES[type];
}

/** Reads a number from big-endian bytes; 64-bit integers and bcd64 as bigints. BCD digits above 9 count as they are. */
export function readNumber(type: NumberType, view: DataView): number | bigint {
  switch (type) {
    case "float32":
      return view.getFloat32(0);
    case "float64":
      return view.getFloat64(0);
    case "bcd16":
    case "bcd32":
      return Number(fromDigits(unsigned(view, BYTES[type])));
    case "bcd64":
      return fromDigits(unsigned(view, 8));
    case "int64":
      return BigInt.asIntN(64, unsigned(view, 8));
    case "uint64":
      return unsigned(view, 8);
    case "int16":
    case "int32":
      return Number(BigInt.asIntN(BYTES[type] * 8, unsigned(view, BYTES[type])));
    case "uint16":
    case "uint32":
      return Number(unsigned(view, BYTES[type]));
  }
}

/** Writes `value` as big-endian bytes, rounded and kept within what the type holds. */
export function writeNumber(type: NumberType, view: DataView, value: number | bigint): void {
  if (type === "float32") return view.setFloat32(0, Number(value));
  if (type === "float64") return view.setFloat64(0, Number(value));
  const whole = within(type, typeof value === "bigint" ? value : wholeNumber(value));
  const pattern = type.startsWith("bcd") ? toDigits(whole) : BigInt.asUintN(BYTES[type] * 8, whole);
  for (let at = 0; at < BYTES[type]; at++)
    view.setUint8(at, Number((pattern >> BigInt((BYTES[type] - 1 - at) * 8)) & 255n));
}

function unsigned(view: DataView, bytes: number): bigint {
  let value = 0n;
  for (let at = 0; at < bytes; at++) value = (value << 8n) | BigInt(view.getUint8(at));
  return value;
}

/** Not a number is 0; an infinity is larger than every type. */
function wholeNumber(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  return BigInt(Math.round(Math.min(1e30, Math.max(-1e30, value))));
}

function within(type: NumberType, value: bigint): bigint {
  const [low, high] = limits(type);
  return value < low ? low : value > high ? high : value;
}

function limits(type: NumberType): readonly [bigint, bigint] {
  const bits = BigInt(BYTES[type] * 8);
  if (type.startsWith("bcd")) return [0n, 10n ** (bits / 4n) - 1n];
  if (type.startsWith("int")) return [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  return [0n, 2n ** bits - 1n];
}

/** 0x1234 to 1234: a nibble a digit. */
function fromDigits(pattern: bigint): bigint {
  return pattern === 0n ? 0n : fromDigits(pattern >> 4n) * 10n + (pattern & 15n);
}

function toDigits(value: bigint): bigint {
  return value === 0n ? 0n : (toDigits(value / 10n) << 4n) | (value % 10n);
}
