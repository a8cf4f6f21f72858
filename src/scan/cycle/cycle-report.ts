import type { Percentiles } from "../../kit/histogram.ts";
import type { Ms } from "../../kit/time.ts";

/** What one scan cycle did. */
export interface CycleReport {
  readonly cycle: number;
  /** How late it started, against the grid. */
  readonly lateness: Ms;
  readonly latch: Ms;
  readonly control: Ms;
  readonly output: Ms;
  /** Time to hand the due read blocks to their lines; they are answered while the thread is free. */
  readonly input: Ms;
  readonly blocksPlanned: number;
  /** Blocks that were answered since the cycle before. */
  readonly blocksDone: number;
  /** Blocks that failed, or were due while their last read was still under way. */
  readonly blocksMissed: number;
  /** Lines that had not finished their frame when the next began with this cycle. */
  readonly overruns: number;
  readonly writes: number;
  /** Points of the grid that were passed over before this cycle. */
  readonly skipped: number;
}

/** What cycles did, summed up. */
export interface CycleCounts {
  readonly cycles: number;
  readonly skipped: number;
  readonly blocksPlanned: number;
  readonly blocksDone: number;
  readonly blocksMissed: number;
  /** Frames that lines had not finished when the next began. */
  readonly overruns: number;
}

/** Summed up since the last statistics. */
export interface CycleStatistics extends CycleCounts {
  readonly period: Ms;
  readonly lateness: Percentiles;
  /** Time in which the cycle kept the thread busy. */
  readonly busy: Percentiles;
  readonly last: CycleReport | undefined;
  /** Since the scan began: statistics that nobody heard are in it, too. */
  readonly total: CycleCounts;
}
