import { heartbeatValues, type HeartbeatValues } from "../../device/heartbeat-values.ts";
import { succeeded } from "../../device/outcome.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { invariant } from "../../kit/invariant.ts";
import type { LogFields } from "../../kit/logger.ts";
import { type Instant, type Ms, plus } from "../../kit/time.ts";
import type { Outputs, PendingWrite } from "./outputs.ts";

interface Beat {
  readonly entry: TagEntry;
  readonly every: Ms;
  /** Past it the slave has acted by itself. */
  readonly timeout: Ms;
  readonly next: HeartbeatValues;
  due: Instant | undefined;
  /** The last one, until it is known what became of it. */
  write: PendingWrite | undefined;
  /** Why the slave is not fed, as it was told; undefined: it is. */
  trouble: Trouble | undefined;
}

interface Trouble {
  readonly event: "heartbeat.blocked" | "heartbeat.refused";
  readonly reason: string;
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
        ? [{ entry, ...heartbeat, next: valuesOf(entry), due: undefined, write: undefined, trouble: undefined }]
        : [];
    });
  }

  step(now: Instant, outputs: Outputs): void {
    for (const beat of this.#beats) {
      this.#hear(beat);
      if (beat.due !== undefined && now < beat.due) continue;
      if (!outputs.mayBeat(beat.entry)) continue;
      const passed = outputs.heartbeat(beat.entry, beat.next(), plus(now, beat.timeout));
      beat.due = plus(now, beat.every);
      if (passed.ok) beat.write = passed.value;
      else this.#judge(beat, { event: "heartbeat.blocked", reason: passed.failure });
    }
  }

  /** What the slave said to the last one. No answer at all is told as the device's own state. */
  #hear(beat: Beat): void {
    const result = beat.write?.result;
    if (!result) return;
    beat.write = undefined;
    const { outcome, reason } = result;
    if (succeeded(outcome)) this.#judge(beat, undefined);
    else if (outcome === "refused" || outcome === "failed")
      this.#judge(beat, { event: "heartbeat.refused", reason: reason ?? outcome });
  }

  #judge(beat: Beat, trouble: Trouble | undefined): void {
    if (beat.trouble?.event === trouble?.event && beat.trouble?.reason === trouble?.reason) return;
    beat.trouble = trouble;
    const fields = { device: beat.entry.device.name, tag: beat.entry.tag.name };
    if (trouble === undefined) this.#tell("heartbeat.resumed", fields);
    else this.#tell(trouble.event, { ...fields, reason: trouble.reason });
  }
}

function valuesOf({ device, tag }: TagEntry): HeartbeatValues {
  const values = heartbeatValues(tag);
  invariant(values.ok, `heartbeat of ${device.name}: tag ${tag.name} cannot beat`);
  return values.value;
}
