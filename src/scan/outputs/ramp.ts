import type { PerSecond } from "../../kit/rate.ts";
import type { Ms } from "../../kit/time.ts";
import type { Tag } from "../../device/tag.ts";

export interface RampMove {
  readonly from: number;
  readonly to: number;
  readonly elapsed: Ms;
  readonly rate: PerSecond;
  /** The smallest change that a register can show; 0 for floats. */
  readonly grain: number;
}

/** Rounding must not hold back a step that is due. */
const ROUNDING = 1e-9;

/** The value after `elapsed` on the way from `from` to `to`: whole grains, never faster than `rate`, never beyond `to`. */
export function alongRamp({ from, to, elapsed, rate, grain }: RampMove): number {
  const most = (rate * elapsed) / 1000;
  const way = to - from;
  if (Math.abs(way) <= most) return to;
  const step = grain > 0 ? Math.floor(most / grain + ROUNDING) * grain : most;
  return from + Math.sign(way) * step;
}

export function grainOf({ type, scale }: Tag): number {
  return type === "float32" || type === "float64" ? 0 : Math.abs(scale);
}
