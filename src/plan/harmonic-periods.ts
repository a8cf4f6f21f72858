/** A period that others of its line do not divide, and the next shorter one that they do. */
export interface PeriodHint {
  readonly period: number;
  readonly harmonic: number;
}

/**
 * Periods of one line that are no multiple of the next shorter: their blocks come at uneven distances, and the table is the
 * longer for it. With each replaced as told, every period divides the next. In whole scan cycles.
 */
export function harmonicPeriods(periods: readonly number[]): readonly PeriodHint[] {
  const hints: PeriodHint[] = [];
  let before = 1;
  for (const period of [...new Set(periods)].sort((a, b) => a - b)) {
    const harmonic = Math.floor(period / before) * before;
    if (harmonic !== period) hints.push({ period, harmonic });
    before = harmonic;
  }
  return hints;
}
