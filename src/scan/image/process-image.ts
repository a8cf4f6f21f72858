import type { Quality, Reason, Sample, Value } from "../../device/quality.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { type Instant, instant, type Ms } from "../../kit/time.ts";

/** What programs, commands and outputs may see: the inputs as they stood at the last latch. */
export interface InputImage {
  sample(tag: number): Sample;
}

/**
 * The newest sample of every tag, column by column. It changes only during the latch; in between it is frozen, so that
 * everything in one cycle sees one state of the plant.
 */
export class ProcessImage implements InputImage {
  readonly #values: (Value | null)[];
  readonly #quality: Quality[];
  readonly #reason: Reason[];
  readonly #sourceTime: Float64Array;
  /** When a good value grows stale; infinite for all others. */
  readonly #expiry: Float64Array;
  readonly #maxAge: Float64Array;
  readonly #changed = new Set<number>();
  /** No value grows stale before this. */
  #nextExpiry = Number.POSITIVE_INFINITY;

  /** `maxAges` by tag index; infinite where a value does not age. */
  constructor(entries: readonly TagEntry[], maxAges: readonly Ms[]) {
    this.#values = entries.map(() => null);
    this.#quality = entries.map(() => "bad");
    this.#reason = entries.map(() => "neverRead");
    this.#sourceTime = new Float64Array(entries.length).fill(Number.NaN);
    this.#expiry = new Float64Array(entries.length).fill(Number.POSITIVE_INFINITY);
    this.#maxAge = Float64Array.from(maxAges);
    for (const { index } of entries) this.#changed.add(index);
  }

  get size(): number {
    return this.#values.length;
  }

  sample(tag: number): Sample {
    const sourceTime = this.#sourceTime[tag];
    return {
      value: this.#values[tag] ?? null,
      quality: this.#quality[tag] ?? "bad",
      reason: this.#reason[tag] ?? "neverRead",
      sourceTime: sourceTime === undefined || Number.isNaN(sourceTime) ? undefined : instant(sourceTime),
    };
  }

  /** A read gave this: a value, or null with the reason why the registers hold none. Older than what is known: nothing. */
  read(tag: number, value: Value | null, reason: Reason, sourceTime: Instant): void {
    if (sourceTime < (this.#sourceTime[tag] ?? Number.NaN)) return;
    this.#sourceTime[tag] = sourceTime;
    const good = value !== null;
    const expiry = good ? sourceTime + (this.#maxAge[tag] ?? 0) : Number.POSITIVE_INFINITY;
    this.#expiry[tag] = expiry;
    this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
    this.#put(tag, value, good ? "good" : "bad", reason);
  }

  /** The tag has no value now, whatever it had. */
  lose(tag: number, reason: Reason): void {
    this.#expiry[tag] = Number.POSITIVE_INFINITY;
    this.#put(tag, null, "bad", reason);
  }

  /** Their device is back: what was lost with it has not been read since, and is not lost any more. */
  forgetAbsence(tags: readonly number[]): void {
    for (const tag of tags) {
      const reason = this.#reason[tag];
      if (reason === "offline" || reason === "disabled") this.lose(tag, "neverRead");
    }
  }

  /** Turns good values that are older than they promise stale; they keep their value. */
  age(now: Instant): void {
    if (this.#nextExpiry >= now) return;
    const expiry = this.#expiry;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (let tag = 0; tag < expiry.length; tag++) {
      const due = expiry[tag] ?? 0;
      if (due >= now) {
        if (due < this.#nextExpiry) this.#nextExpiry = due;
        continue;
      }
      expiry[tag] = Number.POSITIVE_INFINITY;
      this.#put(tag, this.#values[tag] ?? null, "stale", "old");
    }
  }

  /** Tags whose value, quality or reason changed since the last call. */
  takeChanged(): readonly number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Says of every tag that it changed: for a listener that starts afresh. */
  touchAll(): void {
    for (let tag = 0; tag < this.size; tag++) this.#changed.add(tag);
  }

  #put(tag: number, value: Value | null, quality: Quality, reason: Reason): void {
    if (this.#quality[tag] === quality && this.#reason[tag] === reason && sameValue(this.#values[tag], value)) return;
    this.#values[tag] = value;
    this.#quality[tag] = quality;
    this.#reason[tag] = reason;
    this.#changed.add(tag);
  }
}

/** Whether two values are equal; arrays element by element. */
export function sameValue(one: Value | null | undefined, other: Value | null | undefined): boolean {
  if (!isList(one) || !isList(other)) return one === other;
  return one.length === other.length && one.every((element, index) => element === other[index]);
}

function isList(value: Value | null | undefined): value is Extract<Value, readonly unknown[]> {
  return Array.isArray(value);
}
