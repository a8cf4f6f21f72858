import type { Percentiles } from "../../kit/histogram.ts";
import type { Failure } from "../../modbus/failure.ts";

/** Counted since the line was made, turnarounds too; round trips since the last call. */
export interface UnitStatistics {
  readonly requests: number;
  readonly answers: number;
  readonly failures: Readonly<Record<Failure["kind"], number>>;
  /** Exception answers by code. */
  readonly exceptions: Readonly<Record<number, number>>;
  readonly roundTrip: Percentiles;
  /**
   * From a request's last character to the first of its answer, as this machine sees it: with its own latency. Of units on
   * lines of RTU frames only; a TCP line has but its round trip.
   */
  readonly turnaround: Percentiles | undefined;
}

export interface LineStatistics extends UnitStatistics {
  readonly line: string;
  readonly connects: number;
  readonly resets: number;
  /** Answers that came when nobody waited for them any more, or that nobody asked for. */
  readonly lateAnswers: number;
  /** Share of the time in which at least one request was in flight, 0..1, since the last call. */
  readonly utilisation: number;
  /** Of the units the line was made for; the line's own figures hold what was asked of others, too. */
  readonly units: ReadonlyMap<number, UnitStatistics>;
}
