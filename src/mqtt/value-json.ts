import type { Scalar, Value } from "../device/quality.ts";

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * A value as JSON text: 64-bit integers as numbers where every reader gets them exactly (up to 2^53), as strings beyond.
 * Numbers have to be finite ({@link isPublishable}).
 */
export function valueJson(value: Value | null): string {
  if (value === null) return "null";
  return typeof value === "object" ? `[${value.map(scalarJson).join(",")}]` : scalarJson(value);
}

function scalarJson(value: Scalar): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "bigint") return String(value);
  return value <= SAFE && value >= -SAFE ? String(value) : `"${value}"`;
}

/** A value as plain data for JSON.stringify, by the same rule; undefined and what is not finite become null. */
export function valuePlain(value: Value | undefined): unknown {
  if (value === undefined || !isPublishable(value)) return null;
  const parsed: unknown = JSON.parse(valueJson(value));
  return parsed;
}

/** JSON knows no NaN and no infinity. */
export function isPublishable(value: Value | null): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value !== "object") return true;
  return value.every((scalar) => typeof scalar !== "number" || Number.isFinite(scalar));
}
