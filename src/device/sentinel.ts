import { registerCodec, withoutPadding } from "../modbus/register-codec.ts";
import { registerFormat } from "./scalar-codec.ts";
import type { Tag } from "./tag.ts";

/**
 * The tag's raw values that mean "no value", in the form in which the register codec gives raw values. Data sheets
 * write the sentinels of signed integers as bit patterns too: 0x8000 stands for -32768 in an int16. Those of floats they
 * write as numbers or as bit patterns: the text "0x7FC00000" of a float32 is a pattern.
 */
export function sentinelsOf(tag: Tag): ReadonlySet<number | bigint | string> {
  return new Set(tag.invalid.flatMap((sentinel) => rawSentinel(tag, sentinel) ?? []));
}

/** The raw value that a sentinel stands for; undefined where the tag's type holds no such value. */
export function rawSentinel(tag: Tag, sentinel: number | bigint | string): number | bigint | string | undefined {
  const format = registerFormat(tag);
  const raw = asRaw(tag, sentinel);
  if (raw === undefined || registerCodec(format).encode(raw) === undefined) return undefined;
  return raw;
}

function asRaw(tag: Tag, sentinel: number | bigint | string): number | bigint | string | undefined {
  if (tag.type === "string") return typeof sentinel === "string" ? withoutPadding(sentinel) : undefined;
  if (tag.at.bits) return sentinel;
  switch (tag.type) {
    case "float32":
      return typeof sentinel === "string" ? fromPattern(sentinel, 32) : Math.fround(Number(sentinel));
    case "float64":
      return typeof sentinel === "string" ? fromPattern(sentinel, 64) : Number(sentinel);
    case "int16":
      return asNumber(signed(sentinel, 16));
    case "int32":
      return asNumber(signed(sentinel, 32));
    case "int64":
      return signed(sentinel, 64);
    case "uint64":
    case "bcd64":
      return whole(sentinel);
    default:
      return asNumber(whole(sentinel));
  }
}

function whole(sentinel: number | bigint | string): bigint | undefined {
  if (typeof sentinel === "string") return undefined;
  return typeof sentinel === "bigint" || Number.isInteger(sentinel) ? BigInt(sentinel) : undefined;
}

/** A number of so many bits with its sign; what is above the greatest is a bit pattern. */
function signed(sentinel: number | bigint | string, bits: 16 | 32 | 64): bigint | undefined {
  const value = whole(sentinel);
  return value !== undefined && value >= 0 && value < 1n << BigInt(bits) ? BigInt.asIntN(bits, value) : value;
}

function asNumber(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function fromPattern(text: string, bits: 32 | 64): number | undefined {
  if (!BIT_PATTERN.test(text) || BigInt(text) >= 1n << BigInt(bits)) return undefined;
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt(text) << BigInt(64 - bits));
  return bits === 32 ? bytes.getFloat32(0) : bytes.getFloat64(0);
}

const BIT_PATTERN = /^0x[0-9a-f]+$/i;
