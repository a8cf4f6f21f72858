import { heartbeatValues, type HeartbeatValues } from "../device/heartbeat-values.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { invariant } from "../kit/invariant.ts";
import type { LogFields } from "../kit/logger.ts";
import { type Instant, type Ms, plus } from "../kit/time.ts";
import type { Outputs } from "./outputs.ts";

interface Beat {
  readonly entry: TagEntry;
  readonly every: Ms;
  /** Past it the slave has acted by itself. */
  readonly timeout: Ms;
  readonly next: HeartbeatValues;
  due: Instant | undefined;
  /** Why the last one was not let through; undefined: it was. */
  blocked: string | undefined;
}

/** Tells a change of state, to the log and to whoever listens. */
export type Tell = (event: string, fields: LogFields) => void;

/** Feeds the watchdogs of the slaves that have one: a bit that toggles, or a number that counts. */
export class Heartbeats {
  readonly #beats: readonly Beat[];
  readonly #tell: Tell;

  constructor(entries: readonly TagEntry[], tell: Tell) {
    this.#tell = tell;
    this.#beats = entries.flatMap((entry) => {
      const { heartbeat } = entry.device.profile;
      return heartbeat?.tag === entry.tag.name
        ? [{ entry, ...heartbeat, next: valuesOf(entry), due: undefined, blocked: undefined }]
        : [];
    });
  }

  step(now: Instant, outputs: Outputs): void {
    for (const beat of this.#beats) {
      if (beat.due !== undefined && now < beat.due) continue;
      if (!outputs.mayBeat(beat.entry)) continue;
      const passed = outputs.heartbeat(beat.entry, beat.next(), plus(now, beat.timeout));
      beat.due = plus(now, beat.every);
      this.#judge(beat, passed.ok ? undefined : passed.failure);
    }
  }

  #judge(beat: Beat, blocked: string | undefined): void {
    if (beat.blocked === blocked) return;
    beat.blocked = blocked;
    const fields = { device: beat.entry.device.name, tag: beat.entry.tag.name };
    if (blocked === undefined) this.#tell("heartbeat.resumed", fields);
    else this.#tell("heartbeat.blocked", { ...fields, reason: blocked });
  }
}

function valuesOf({ device, tag }: TagEntry): HeartbeatValues {
  const values = heartbeatValues(tag);
  invariant(values.ok, `heartbeat of ${device.name}: tag ${tag.name} cannot beat`);
  return values.value;
}
