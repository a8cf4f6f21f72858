import type { Clock, Timer } from "../../src/kit/clock.ts";
import { between, type Instant, ms } from "../../src/kit/time.ts";

/** Calls at an instant instead of after a delay: what a wire needs whose characters have their time. */
export interface Pacer {
  now(): Instant;
  /** Calls `fire` at `due`, never earlier; at once (in a later turn) when that has passed. */
  at(name: string, due: Instant, fire: () => void): Timer;
  /** The same where a millisecond more does not matter. */
  about(name: string, due: Instant, fire: () => void): Timer;
}

/** As exact as the clock: to the point with a virtual one, within its milliseconds with the system's. */
export function clockPacer(clock: Clock): Pacer {
  const at: Pacer["at"] = (name, due, fire) => clock.after(name, between(clock.now(), due), fire);
  return { now: () => clock.now(), at, about: at };
}

/** Node's timers tick in milliseconds and come late by as much: the rest of the time is polled, once a turn. */
const POLLED = ms(1.2);

/** Within about 0.1 ms in real time on an idle machine, at the price of a busy event loop for the last millisecond. */
export function precisePacer(clock: Clock): Pacer {
  return {
    ...clockPacer(clock),
    at(name, due, fire) {
      const poll = (): void => {
        if (clock.now() >= due) fire();
        else timer = clock.soon(name, poll);
      };
      const rest = between(clock.now(), due);
      let timer = rest > POLLED ? clock.after(name, ms(rest - POLLED), poll) : clock.soon(name, poll);
      return { cancel: () => timer.cancel() };
    },
  };
}
