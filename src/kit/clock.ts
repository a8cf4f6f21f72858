import { invariant } from "./invariant.ts";
import type { Instant, Ms, WallTime } from "./time.ts";

/** A pending timer; `cancel` is harmless when it has fired already. */
export interface Timer {
  cancel(): void;
}

/**
 * Where time comes from. Everything that waits or measures takes a Clock, so that the whole scan side also runs
 * in virtual time.
 */
export interface Clock {
  now(): Instant;
  wall(): WallTime;
  /** Calls `fire` once after `delay`, never earlier; `name` is what a leak check or a debugger shows. */
  after(name: string, delay: Ms, fire: () => void): Timer;
  /** Calls `fire` once, in the next turn of the event loop: what had arrived until now has been heard by then. */
  soon(name: string, fire: () => void): Timer;
  /** Calls `fire` every `period`, late calls not being made up for. For housekeeping, never for the scan's pace. */
  every(name: string, period: Ms, fire: () => void): Timer;
}

/** The `every` of any clock that has an `after`. A period of 0 would never let time pass. */
export function repeat(clock: Pick<Clock, "after">, name: string, period: Ms, fire: () => void): Timer {
  invariant(period > 0, `timer ${name} repeats every ${period} ms`);
  let timer: Timer;
  const arm = (): void => {
    timer = clock.after(name, period, () => {
      arm();
      fire();
    });
  };
  arm();
  return { cancel: () => timer.cancel() };
}
