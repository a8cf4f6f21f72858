import { succeeded, type WriteResult } from "../../device/outcome.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { PerSecond } from "../../kit/rate.ts";
import type { Result } from "../../kit/result.ts";
import { between, type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import { alongRamp, grainOf } from "./ramp.ts";

/** Every step is written and read back: so often, and no oftener, whatever the line could carry. */
const STEP_EVERY = ms(100);
/** A later step that could not be sent within this ends the ramp. */
const STEP_SEND_BY = ms(1000);

export interface RampOptions {
  readonly entry: TagEntry;
  readonly rate: PerSecond;
  readonly from: number;
  readonly to: number;
  readonly startedAt: Instant;
  /** Of the first step. */
  readonly sendBy: Instant;
}

/** Hands one step on; the failure says why it may not be written. */
export type BeginStep = (
  value: number,
  sendBy: Instant,
) => Result<{ readonly result: WriteResult | undefined }, string>;

/** A level on its way to its wanted value in steps; each is written when the one before has read back. */
export class RampedWrite {
  readonly entry: TagEntry;
  readonly #options: RampOptions;
  #last: { readonly value: number; readonly at: Instant };
  #step: { readonly result: WriteResult | undefined } | undefined;
  #begun = false;
  #result: WriteResult | undefined;

  constructor(options: RampOptions) {
    this.entry = options.entry;
    this.#options = options;
    this.#last = { value: options.from, at: options.startedAt };
  }

  get result(): WriteResult | undefined {
    return this.#result;
  }

  get target(): number {
    return this.#options.to;
  }

  /** Where it has come to. */
  get value(): number {
    return this.#last.value;
  }

  /** Moves on as far as the last step and the time allow. */
  step(now: Instant, begin: BeginStep): void {
    if (this.#result) return;
    const { to, from } = this.#options;
    if (this.#step) {
      const { result } = this.#step;
      if (!result) return;
      this.#step = undefined;
      const went = succeeded(result.outcome);
      if (!went || this.#last.value === to) this.#result = went ? result : this.#short(result);
      if (this.#result) return;
    }
    const elapsed = between(this.#last.at, now);
    const value = from === to ? to : this.#next(elapsed);
    if (value === this.#last.value && from !== to) return;
    const begun = begin(value, this.#begun ? plus(now, STEP_SEND_BY) : this.#options.sendBy);
    if (!begun.ok) return this.withdraw(begun.failure);
    this.#begun = true;
    this.#step = begun.value;
    this.#last = { value, at: now };
  }

  /** Ends it where it is: something newer is wanted, its device has left, or the master stops. */
  withdraw(reason: string): void {
    if (this.#result) return;
    const { value } = this.#last;
    const why = `${reason}; its ramp had come to ${value}`;
    if (!this.#begun) this.#result = { outcome: "rejected", reason, sent: undefined, readback: undefined };
    else if (value === this.#options.to)
      this.#result = { outcome: "unknown", reason, sent: value, readback: undefined };
    else this.#result = { outcome: "failed", reason: why, sent: value, readback: undefined };
  }

  #next(elapsed: Ms): number {
    const { entry, rate, to } = this.#options;
    if (elapsed < STEP_EVERY) return this.#last.value;
    return alongRamp({ from: this.#last.value, to, elapsed, rate, grain: grainOf(entry.tag) });
  }

  /** A step that did not go well is the outcome of the whole; what it was refused for, it says itself. */
  #short(result: WriteResult): WriteResult {
    return { ...result, reason: `${result.reason ?? result.outcome}; on its ramp, at ${this.#last.value}` };
  }
}
