import type { Ms, Instant } from "../../kit/time.ts";
import type { PlantPicture } from "../plant-picture.ts";
import { valueJson } from "../value-json.ts";

export interface SamplesMessage {
  /** Indices of the tags to tell, in the order of the plant. */
  readonly tags: readonly number[];
  /** `"speed":` for every tag of the plant. */
  readonly keys: readonly string[];
  readonly seq: number;
  /** Wall time minus monotonic time, now. */
  readonly wallOffset: Ms;
  readonly now: Instant;
}

/**
 * `{"ts","seq","values","bad"?,"stale"?,"dt"?}`: `ts` is the newest source time among the tags that have a value (now,
 * where none has), `dt` the offsets of the others in whole milliseconds.
 */
export function samplesPayload(picture: PlantPicture, message: SamplesMessage): string {
  const { tags, keys, wallOffset } = message;
  const ts = Math.round((newestSource(picture, tags) ?? message.now) + wallOffset);
  let values = "";
  let bad = "";
  let stale = "";
  let dt = "";
  for (const tag of tags) {
    const { value, quality, reason } = picture.sample(tag);
    const key = keys[tag] ?? "";
    values += `,${key}${valueJson(value)}`;
    if (quality === "bad") bad += `,${key}"${reason}"`;
    else if (quality === "stale") stale += `,${key}"${reason}"`;
    const source = value === null ? undefined : picture.sourceTime(tag);
    const offset = source === undefined ? 0 : Math.round(source + wallOffset) - ts;
    if (offset !== 0) dt += `,${key}${offset}`;
  }
  return `{"ts":${ts},"seq":${message.seq},"values":{${values.slice(1)}}${part("bad", bad)}${part("stale", stale)}${part("dt", dt)}}`;
}

function newestSource(picture: PlantPicture, tags: readonly number[]): number | undefined {
  let newest: number | undefined;
  for (const tag of tags) {
    if (picture.sample(tag).value === null) continue;
    const source = picture.sourceTime(tag);
    if (source !== undefined && (newest === undefined || source > newest)) newest = source;
  }
  return newest;
}

function part(name: string, members: string): string {
  return members === "" ? "" : `,"${name}":{${members.slice(1)}}`;
}
