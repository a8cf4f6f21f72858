import { gcd, lcm } from "../kit/whole.ts";

/**
 * The lengths a frame may have for blocks of these periods, shortest first, all in scan cycles. A frame divides the
 * hyperperiod, so that the table repeats, and is so short that a whole frame lies between each release of a block and its
 * deadline: 2f - gcd(f, period) <= period (T. P. Baker, A. Shaw: The cyclic executive model and Ada, Real-Time Systems 1,
 * 1989). The third condition of theirs, that the longest transaction fits, is for the proof to judge.
 */
export function frameLengths(periods: readonly number[]): readonly number[] {
  const different = [...new Set(periods)];
  const most = Math.min(...different);
  if (!Number.isFinite(most)) return [];
  const lengths: number[] = [];
  for (let length = 1; length <= most; length++) if (isFrame(length, different)) lengths.push(length);
  return lengths;
}

function isFrame(length: number, periods: readonly number[]): boolean {
  let shared = 1;
  for (const period of periods) {
    const common = gcd(length, period);
    if (2 * length - common > period) return false;
    shared = lcm(shared, common);
  }
  return shared === length;
}
