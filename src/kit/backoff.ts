import type { Random } from "./random.ts";
import { ms, type Ms } from "./time.ts";

export interface BackoffLimits {
  readonly first: Ms;
  readonly most: Ms;
}

/** How long to wait before attempt `attempt` (1, 2, …): `first`, then twice as long each time, up to `most`. */
export function doubling(attempt: number, { first, most }: BackoffLimits): Ms {
  return ms(Math.min(most, first * 2 ** Math.min(attempt - 1, 30)));
}

/**
 * How long to wait before attempt `attempt` (1, 2, …): full jitter over a doubling ceiling, never below a tenth of
 * `first`, so that a thousand masters that lost one gateway do not return to it in the same instant.
 */
export function fullJitter(attempt: number, limits: BackoffLimits, random: Random): Ms {
  return ms(Math.max(limits.first / 10, random() * doubling(attempt, limits)));
}
