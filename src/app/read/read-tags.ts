import { didYouMean } from "../../device/did-you-mean.ts";
import { formatLocation } from "../../device/location.ts";
import type { Device } from "../../device/profile.ts";
import { isArrayValue, type Scalar, type Value } from "../../device/quality.ts";
import type { Tag } from "../../device/tag.ts";
import { decodeCells, type Reading, tagCodec } from "../../device/tag-codec.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Ms } from "../../kit/time.ts";
import type { AccessFailure } from "../../link/messages.ts";
import { type Access, describeAccessFailure, isSilence } from "../access/access.ts";
import { columns } from "./columns.ts";
import { readRange } from "./read-range.ts";
import { hexWord, valueJson } from "./value-text.ts";

/** One tag as it was read: bits as 0 and 1 or registers, and what they mean; or why there is nothing. */
export interface TagReading {
  readonly tag: Tag;
  readonly cells: readonly number[];
  readonly reading: Reading | AccessFailure;
}

/** The tags of `device` called `names`, all of them where there are none. The failure is a sentence. */
export function chosenTags(device: Device, names: readonly string[]): Result<readonly Tag[], string> {
  const missing = names.find((name) => !device.tags.has(name));
  if (missing !== undefined) {
    return err(`device ${device.name} has no tag "${missing}"; ${didYouMean(missing, [...device.tags.keys()])}`);
  }
  return ok([...device.tags.values()].filter(({ name }) => names.length === 0 || names.includes(name)));
}

/** Reads each tag by itself, so that one that is refused hides no other. A silent device ends it. */
export async function readTags(
  access: Access,
  { unit, tags, timeout }: { readonly unit: number; readonly tags: readonly Tag[]; readonly timeout: Ms },
): Promise<Result<readonly TagReading[], { readonly tag: Tag; readonly failure: AccessFailure }>> {
  const readings: TagReading[] = [];
  for (const tag of tags) {
    const codec = tagCodec(tag);
    const read = await readRange(access, { unit, ...tag.at, count: codec.size }, timeout);
    if (!read.ok && (isSilence(read.failure.failure) || read.failure.failure.kind !== "exception")) {
      return err({ tag, failure: read.failure.failure });
    }
    if (!read.ok) readings.push({ tag, cells: [], reading: read.failure.failure });
    else {
      const { values } = read.value;
      readings.push({ tag, cells: values, reading: decodeCells(codec, values) });
    }
  }
  return ok(readings);
}

/** One tag a row: its value, unit, place, and what lies there. */
export function tagsText(readings: readonly TagReading[]): string {
  const rows = readings.map(({ tag, cells, reading }) => [
    tag.name,
    readingText(reading),
    tag.unit ?? "",
    formatLocation(tag.at),
    rawText(tag, cells),
  ]);
  return columns([["tag", "value", "unit", "at", "raw"], ...rows], ["left", "right", "left", "left", "left"], "  ");
}

export function tagsJson(readings: readonly TagReading[]): unknown {
  return Object.fromEntries(
    readings.map(({ tag, cells, reading }) => [
      tag.name,
      "kind" in reading
        ? { value: null, reason: "refused", message: describeAccessFailure(reading), at: formatLocation(tag.at) }
        : {
            value: plainValue(reading.value),
            reason: reading.reason,
            unit: tag.unit,
            at: formatLocation(tag.at),
            raw: cells,
          },
    ]),
  );
}

function readingText(reading: TagReading["reading"]): string {
  if ("kind" in reading) return describeAccessFailure(reading);
  return reading.value === null ? reading.reason : valueTextOf(reading.value);
}

function valueTextOf(value: Value): string {
  return isArrayValue(value) ? value.map(String).join(" ") : String(value);
}

function plainValue(value: Value | null): unknown {
  if (value === null) return null;
  const plain = (scalar: Scalar): unknown => valueJson(scalar);
  return isArrayValue(value) ? value.map(plain) : plain(value);
}

const MOST_RAW = 8;

function rawText({ at }: Tag, cells: readonly number[]): string {
  const register = at.table === "input" || at.table === "holding";
  const shown = cells.slice(0, MOST_RAW).map((cell) => (register ? hexWord(cell) : String(cell)));
  return [...shown, ...(cells.length > MOST_RAW ? ["…"] : [])].join(" ");
}
