import { crc32 } from "node:zlib";
import { err, ok, type Result } from "../kit/result.ts";

/** Plain data as it is stored: JSON, and beside it 64-bit integers and the numbers JSON does not know. */
export type Plain =
  null | boolean | number | bigint | string | undefined | readonly Plain[] | { readonly [key: string]: Plain };

/** A record as text: its CRC-32 in eight hexadecimal digits, then JSON. LevelDB does not check what it reads. */
export function encodeRecord(value: Plain): string {
  const json = JSON.stringify(value ?? null, toJson);
  return checksum(json) + json;
}

/** The value of a record; "damaged" where it is not what was written. */
export function decodeRecord(text: string): Result<unknown, "damaged"> {
  const json = text.slice(CHECKSUM_LENGTH);
  if (checksum(json) !== text.slice(0, CHECKSUM_LENGTH)) return err("damaged");
  try {
    return ok(JSON.parse(json, fromJson));
  } catch {
    return err("damaged");
  }
}

const CHECKSUM_LENGTH = 8;
const NUMBER = "~number";

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(CHECKSUM_LENGTH, "0");
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return { [NUMBER]: `${value}n` };
  return typeof value === "number" && !Number.isFinite(value) ? { [NUMBER]: String(value) } : value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(NUMBER in value)) return value;
  const text = String(value[NUMBER]);
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);
}
