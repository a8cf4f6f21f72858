import type { LineStatistics } from "../bus/line/line-statistics.ts";
import type { Ms } from "../kit/time.ts";

/** What the plan says of a line, to be told beside what happens on it. */
export interface LinePromise {
  /** Proved: times on a serial wire are computed. Budgeted: it holds while the round trip stays below the stated one. */
  readonly basis: "proved" | "budgeted";
  readonly frame: Ms;
  /** Share of its time that the line needs at worst for what is read in turn. */
  readonly load: number;
  /** Share of the fullest frame that is left, budgeted writes taken off; below 0 where the plan does not hold. */
  readonly headRoom: number;
  /** The stated one; none on a serial port. */
  readonly roundTrip: Ms | undefined;
  /** The configured turnaround of each unit on a serial wire. */
  readonly turnaround: ReadonlyMap<number, Ms> | undefined;
}

export interface LineFigures extends LineStatistics {
  readonly plan: LinePromise | undefined;
}
