import type { NumericType, RawValue } from "../../modbus/register-codec.ts";

/** A value for people: a float32 with no more digits than it has. Undefined: the registers hold none. */
export function valueText(value: RawValue | undefined, type: NumericType | "string"): string {
  if (value === undefined) return "-";
  if (typeof value === "string") return JSON.stringify(value);
  return type === "float32" && typeof value === "number" ? shortFloat(value) : String(value);
}

/** What JSON takes: 64-bit integers beyond 2^53 as text, NaN and the infinities as text too. */
export function valueJson(value: RawValue | undefined): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** The shortest decimal that is the same float32: 1.1 and not 1.100000023841858. */
function shortFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** One register as two characters; what cannot be printed is a dot. */
export function registerText(register: number): string {
  return [register >> 8, register & 0xff].map(printable).join("");
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}

export function hexWord(register: number): string {
  return register.toString(16).toUpperCase().padStart(4, "0");
}
