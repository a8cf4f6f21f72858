import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";

/** An absolute grid on the monotonic clock: cycle k starts at `start + k * period`, so that lateness never adds up. */
export interface Grid {
  readonly start: Instant;
  readonly period: Ms;
}

/** A cycle that is to start so late that the next one is nearer waits for that one; up to this share it starts late. */
const LATE_SHARE = 0.1;

export function gridPoint(grid: Grid, cycle: number): Instant {
  return plus(grid.start, ms(cycle * grid.period));
}

/** The last cycle whose point is not after `now`. */
export function cycleAt(grid: Grid, now: Instant): number {
  return Math.floor((now - grid.start) / grid.period);
}

/** The cycle to run next after cycle `last`, seen at `now`: the following one, or after an overrun the next on the grid. */
export function nextCycle(grid: Grid, last: number, now: Instant): number {
  const current = cycleAt(grid, now);
  if (current <= last) return last + 1;
  const late = now - gridPoint(grid, current);
  return late <= grid.period * LATE_SHARE ? current : current + 1;
}
