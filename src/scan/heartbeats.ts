import type { TagEntry } from "../device/tag-table.ts";
import type { Value } from "../device/quality.ts";
import { type Instant, type Ms, plus } from "../kit/time.ts";
import type { Outputs } from "./outputs.ts";

interface Beat {
  readonly entry: TagEntry;
  readonly every: Ms;
  /** Past it the slave has acted by itself. */
  readonly timeout: Ms;
  count: number;
  due: Instant | undefined;
}

/** A counter that turns round well within a signed register. */
const TURN = 32_768;

/** Feeds the watchdogs of the slaves that have one: a bit that toggles, or a number that counts. */
export class Heartbeats {
  readonly #beats: readonly Beat[];

  constructor(entries: readonly TagEntry[]) {
    this.#beats = entries.flatMap((entry) => {
      const { heartbeat } = entry.device.profile;
      return heartbeat?.tag === entry.tag.name
        ? [{ entry, every: heartbeat.every, timeout: heartbeat.timeout, count: 1, due: undefined }]
        : [];
    });
  }

  step(now: Instant, outputs: Outputs): void {
    for (const beat of this.#beats) {
      if (beat.due !== undefined && now < beat.due) continue;
      if (!outputs.heartbeat(beat.entry, beatValue(beat), plus(now, beat.timeout))) continue;
      beat.due = plus(now, beat.every);
      beat.count = (beat.count + 1) % TURN;
    }
  }
}

function beatValue({ entry, count }: Beat): Value {
  if (entry.tag.type === "bool") return count % 2 === 1;
  const { range } = entry.tag.write ?? {};
  if (!range) return count;
  const span = Math.max(1, Math.floor(range.max - range.min) + 1);
  return Math.ceil(range.min) + (count % span);
}
