import { type Ms, ms } from "./time.ts";

/** Percentiles of a set of durations, all in milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: Ms;
  readonly p90: Ms;
  readonly p99: Ms;
  readonly p999: Ms;
  readonly max: Ms;
}

/** Buckets to each doubling: a value is known to 1 / 512, which is three digits. */
const BUCKETS = 256;

const MICROSECONDS = 1000;

/** In microseconds: one, and ten minutes. */
const LEAST = 1;
const MOST = 600_000 * MICROSECONDS;

/** Durations noted before they are counted: eight lines of a processor's cache. */
const NOTED = 64;

/**
 * Collects durations from 1 us to ten minutes to three digits. Takes 1 KB for each doubling that was met. A duration is
 * first noted beside the one before it, and counted with others later: a hundred histograms that take turns would each
 * find their counts gone from the processor's cache.
 */
export class DurationHistogram {
  /** Counts of the durations from 2 ** n us on, at n. */
  readonly #octaves: (Uint32Array | undefined)[] = [];
  readonly #noted = new Float64Array(NOTED);
  #notedCount = 0;
  #count = 0;
  #max = 0;

  record(span: Ms): void {
    this.#noted[this.#notedCount++] = span;
    if (this.#notedCount === NOTED) this.#countNoted();
  }

  /** Takes in what `other` holds. */
  add(other: DurationHistogram): void {
    other.#countNoted();
    for (const [octave, counts] of other.#octaves.entries()) {
      if (!counts) continue;
      const sums = (this.#octaves[octave] ??= new Uint32Array(BUCKETS));
      for (const [bucket, count] of counts.entries()) sums[bucket] = (sums[bucket] ?? 0) + count;
    }
    this.#count += other.#count;
    this.#max = Math.max(this.#max, other.#max);
  }

  #countNoted(): void {
    for (let index = 0; index < this.#notedCount; index++) this.#countOne(this.#noted[index] ?? 0);
    this.#notedCount = 0;
  }

  #countOne(span: number): void {
    const value = Math.min(MOST, Math.max(LEAST, span * MICROSECONDS));
    const octave = 31 - Math.clz32(value);
    const counts = (this.#octaves[octave] ??= new Uint32Array(BUCKETS));
    const bucket = Math.floor((value / 2 ** octave - 1) * BUCKETS);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#max = Math.max(this.#max, value);
  }

  percentiles(): Percentiles {
    this.#countNoted();
    const [p50 = ms(0), p90 = ms(0), p99 = ms(0), p999 = ms(0)] = this.#at([0.5, 0.9, 0.99, 0.999]);
    return { count: this.#count, p50, p90, p99, p999, max: ms(this.#max / MICROSECONDS) };
  }

  reset(): void {
    this.#notedCount = 0;
    for (const counts of this.#octaves) counts?.fill(0);
    this.#count = 0;
    this.#max = 0;
  }

  /** The durations below or at which these shares lie, which ascend. */
  #at(shares: readonly number[]): readonly Ms[] {
    const found: Ms[] = [];
    if (this.#count === 0) return found;
    let seen = 0;
    for (const [octave, counts] of this.#octaves.entries()) {
      if (!counts) continue;
      for (let bucket = 0; bucket < BUCKETS && found.length < shares.length; bucket++) {
        seen += counts[bucket] ?? 0;
        while (found.length < shares.length && seen >= Math.ceil((shares[found.length] ?? 1) * this.#count)) {
          found.push(this.#middle(octave, bucket));
        }
      }
    }
    return found;
  }

  #middle(octave: number, bucket: number): Ms {
    const value = 2 ** octave * (1 + (bucket + 0.5) / BUCKETS);
    return ms(Math.min(value, this.#max) / MICROSECONDS);
  }
}
