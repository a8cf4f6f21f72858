/** Longest stretch of cycles that is balanced; turns that come less often are balanced within it. */
const LONGEST_WINDOW = 4096;

/**
 * Gives each turn, by its period in cycles, a phase (0..period-1) such that the fullest cycle stays as empty as a
 * greedy choice can make it. In the order given, so the most frequent should come first.
 */
export function spreadPhases(periods: readonly number[]): readonly number[] {
  const window = balancedWindow(periods);
  const load = new Uint32Array(window);
  return periods.map((period) => {
    const stride = Math.min(period, window);
    const phase = emptiestPhase(load, stride);
    for (let cycle = phase; cycle < window; cycle += stride) load[cycle] = (load[cycle] ?? 0) + 1;
    return phase;
  });
}

/** The least common multiple of the periods, as far as it stays within {@link LONGEST_WINDOW}. */
function balancedWindow(periods: readonly number[]): number {
  return [...new Set(periods)].reduce((window, period) => {
    const multiple = (window / gcd(window, period)) * period;
    return multiple <= LONGEST_WINDOW ? multiple : window;
  }, 1);
}

function emptiestPhase(load: Uint32Array, stride: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let phase = 0; phase < stride; phase++) {
    let fullest = 0;
    for (let cycle = phase; cycle < load.length; cycle += stride) fullest = Math.max(fullest, load[cycle] ?? 0);
    if (fullest < least) {
      least = fullest;
      best = phase;
    }
    if (least === 0) break;
  }
  return best;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
