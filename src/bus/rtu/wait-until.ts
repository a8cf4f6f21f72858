import type { Clock, Timer } from "../../kit/clock.ts";
import { between, type Instant, ms } from "../../kit/time.ts";

/** Calls `fire` once, at `due` or as little after it as can be had, never before. */
export type WaitUntil = (name: string, due: Instant, fire: () => void) => Timer;

/** As exact as the clock's timers: to the point in virtual time, about a millisecond late on a machine. */
export function timerWait(clock: Clock): WaitUntil {
  return (name, due, fire) => clock.after(name, between(clock.now(), due), fire);
}

/** Timers tick in whole milliseconds and come up to two of them late: the rest is left to polling. */
const TIMER_MARGIN = ms(2);

/**
 * Exact to a few hundredths of a millisecond on an idle thread: a timer for most of the time, then a look at the clock in
 * every turn of the event loop, so that everything else on the thread goes on meanwhile.
 */
export function preciseWait(clock: Clock): WaitUntil {
  return (name, due, fire) => {
    let timer: Timer | undefined;
    const poll = (): void => {
      if (clock.now() >= due) fire();
      else timer = clock.soon(name, poll);
    };
    const rest = between(clock.now(), due);
    if (rest > 2 * TIMER_MARGIN) timer = clock.after(name, ms(rest - TIMER_MARGIN), poll);
    else timer = clock.soon(name, poll);
    return { cancel: () => timer?.cancel() };
  };
}
