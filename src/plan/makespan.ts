/** What one unit is asked in a frame. */
export interface UnitLoad {
  /** Sum of the costs of its transactions. */
  readonly sum: number;
  readonly longest: number;
  /** Its transactions in flight at the same time. */
  readonly window: number;
}

/**
 * How long a line that never idles while it may send takes at most for these transactions, in whatever order it takes
 * them, `window` of them at the same time. Before the last one begins, at every instant either the line's window is full or
 * its unit's is; so the bound of R. L. Graham (Bounds on multiprocessing timing anomalies, 1969) holds with the unit as a
 * further resource, and transactions that end early cannot break it. On a serial wire it is their sum.
 */
export function makespan(units: readonly UnitLoad[], window: number): number {
  const total = units.reduce((sum, unit) => sum + unit.sum, 0);
  return units.reduce((most, { sum, longest, window: own }) => {
    const alone = 1 / Math.min(own, window) - 1 / window;
    return Math.max(most, longest + (sum - longest) * alone + (total - longest) / window);
  }, 0);
}

/**
 * When the others are done where so many places of the line's window are taken for `silence` by a unit that does not answer:
 * they go on beside it or, where no place is left, after it.
 */
export function makespanBeside(
  others: readonly UnitLoad[],
  window: number,
  { places, silence }: { readonly places: number; readonly silence: number },
): number {
  const after = silence + makespan(others, window);
  return places < window ? Math.min(after, makespan(others, window - places)) : after;
}
