import { type Ms, ms, type WallTime, wallTime } from "../kit/time.ts";

/** A difference of the two clocks that grew by so much between two looks is a step; adjusting the wall clock smoothly is none. */
const STEP: Ms = ms(500);

/** This version is younger: a wall clock that shows less was never set (a gateway without a battery starts in 1970). */
const BEFORE_US = wallTime(Date.UTC(2026, 0, 1));

/** How far the wall clock is to be trusted, for `_gw/info`. */
export interface ClockState {
  /** `unset`: it shows a time before this program was made. */
  readonly state: "plausible" | "unset";
  /** Steps since the start of takt. */
  readonly steps: number;
  /** The newest step: when it was seen, by the clock as it then stood, and by how much, forward positive. */
  readonly lastStep: { readonly ts: WallTime; readonly by: Ms } | undefined;
}

export function clockState(wall: WallTime, steps: number, lastStep: ClockState["lastStep"]): ClockState {
  return { state: wall < BEFORE_US ? "unset" : "plausible", steps, lastStep };
}

/** Wall time minus monotonic time, as it was last taken for right, and a step that one look has seen. */
export interface ClockWatch {
  readonly offset: Ms;
  readonly suspected: boolean;
}

/**
 * Judges one look at the wall clock. `by`: how far it has stepped, forward positive; undefined: it has not. Two looks
 * have to say so, because a process may be stopped between reading the one clock and the other.
 */
export function lookAtClock(
  watch: ClockWatch,
  offset: Ms,
): { readonly watch: ClockWatch; readonly by: Ms | undefined } {
  const by = ms(offset - watch.offset);
  if (Math.abs(by) < STEP) return { watch: { offset, suspected: false }, by: undefined };
  if (!watch.suspected) return { watch: { ...watch, suspected: true }, by: undefined };
  return { watch: { offset, suspected: false }, by };
}
