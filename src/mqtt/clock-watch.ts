import { type Ms, ms } from "../kit/time.ts";

/** A difference of the two clocks that grew by so much between two looks is a step; adjusting the wall clock smoothly is none. */
const STEP: Ms = ms(500);

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
