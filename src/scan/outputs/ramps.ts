import type { WriteResult } from "../../device/outcome.ts";
import type { Device } from "../../device/profile.ts";
import type { Value } from "../../device/quality.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Result } from "../../kit/result.ts";
import type { Instant } from "../../kit/time.ts";
import type { PendingWrite } from "./active-write.ts";
import type { Asking } from "./asking.ts";
import type { RampedWrite } from "./ramped-write.ts";
import type { WriteAudit } from "./write-audit.ts";

export interface Ramp {
  readonly write: RampedWrite;
  /** What its steps are: a command moves its level with each, a correction with none. */
  readonly purpose: "command" | "step";
  readonly asking: Asking;
  /** What the output held before, as far as it was known. */
  readonly old: Value | null;
  /** Told of the outcome of the whole, unless something newer has taken its place. */
  readonly ended: (result: WriteResult) => void;
}

/** Writes one step, or says why the gate does not let it through. */
export type WriteStepOf = (ramp: Ramp, value: number, sendBy: Instant) => Result<PendingWrite, string>;

/** The levels on their way along a ramp, the newest of each output. */
export class Ramps {
  readonly #ramps = new Map<TagEntry, Ramp>();
  readonly #audit: WriteAudit;

  constructor(audit: WriteAudit) {
    this.#audit = audit;
  }

  of(entry: TagEntry): RampedWrite | undefined {
    return this.#ramps.get(entry)?.write;
  }

  begin(ramp: Ramp): void {
    this.#ramps.set(ramp.write.entry, ramp);
  }

  step(now: Instant, write: WriteStepOf): void {
    for (const ramp of this.#ramps.values()) {
      ramp.write.step(now, (value, sendBy) => write(ramp, value, sendBy));
      const { result } = ramp.write;
      if (!result) continue;
      this.#end(ramp, now);
      ramp.ended(result);
    }
  }

  /** Something newer is wanted. */
  supersede(entry: TagEntry, reason: string, now: Instant): void {
    const ramp = this.#ramps.get(entry);
    ramp?.write.withdraw(reason);
    if (ramp) this.#end(ramp, now);
  }

  /** Of the device, or all. */
  withdraw(reason: string, device?: Device): void {
    for (const [entry, { write }] of this.#ramps) {
      if (device === undefined || entry.device === device) write.withdraw(reason);
    }
  }

  #end({ write, asking, old }: Ramp, now: Instant): void {
    const { entry, result, target } = write;
    this.#ramps.delete(entry);
    if (result) this.#audit.told({ entry, asking, old, value: target }, result, now);
  }
}
