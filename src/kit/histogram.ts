import { createHistogram } from "node:perf_hooks";
import { type Ms, ms } from "./time.ts";

const NANOSECONDS = 1_000_000;

/** Percentiles of a set of durations, all in milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: Ms;
  readonly p90: Ms;
  readonly p99: Ms;
  readonly p999: Ms;
  readonly max: Ms;
}

/** Collects durations from 1 us to ten minutes to three digits, in constant memory (an HDR histogram). */
export class DurationHistogram {
  readonly #histogram = createHistogram({ lowest: 1000, highest: 600_000 * NANOSECONDS, figures: 3 });

  record(span: Ms): void {
    this.#histogram.record(Math.min(600_000 * NANOSECONDS, Math.max(1, Math.round(span * NANOSECONDS))));
  }

  /** Takes in everything that `other` has collected. */
  add(other: DurationHistogram): void {
    this.#histogram.add(other.#histogram);
  }

  percentiles(): Percentiles {
    const at = (percentile: number): Ms => ms(this.#histogram.percentile(percentile) / NANOSECONDS);
    const count = this.#histogram.count;
    if (count === 0) return { count, p50: ms(0), p90: ms(0), p99: ms(0), p999: ms(0), max: ms(0) };
    return { count, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: ms(this.#histogram.max / NANOSECONDS) };
  }

  reset(): void {
    this.#histogram.reset();
  }
}
