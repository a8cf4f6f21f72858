import { withoutPadding } from "../modbus/register-codec.ts";
import type { Tag } from "./tag.ts";

/**
 * The tag's raw values that mean "no value", in the form in which the register codec gives raw values. Data sheets
 * write the sentinels of signed integers as bit patterns too: 0x8000 stands for -32768 in an int16.
 */
export function sentinelsOf(tag: Tag): ReadonlySet<number | bigint | string> {
  return new Set(tag.invalid.map((sentinel) => asRaw(tag, sentinel)));
}

function asRaw(tag: Tag, sentinel: number | bigint | string): number | bigint | string {
  if (tag.type === "string") return withoutPadding(String(sentinel));
  if (typeof sentinel === "string" || tag.at.bits) return sentinel;
  if (tag.type === "float32") return Math.fround(Number(sentinel));
  if (tag.type === "float64") return Number(sentinel);
  if (typeof sentinel === "number" && !Number.isInteger(sentinel)) return sentinel;
  switch (tag.type) {
    case "int16":
      return Number(BigInt.asIntN(16, BigInt(sentinel)));
    case "int32":
      return Number(BigInt.asIntN(32, BigInt(sentinel)));
    case "int64":
      return BigInt.asIntN(64, BigInt(sentinel));
    case "uint64":
    case "bcd64":
      return BigInt(sentinel);
    default:
      return Number(sentinel);
  }
}
