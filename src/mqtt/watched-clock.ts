import type { Clock } from "../kit/clock.ts";
import { type Ms, ms, type WallTime } from "../kit/time.ts";
import { type ClockState, clockState, type ClockWatch, lookAtClock } from "./clock-watch.ts";

/** The wall clock, and how often it was set while we looked. */
export class WatchedClock {
  readonly #clock: Clock;
  #watch: ClockWatch;
  #steps = 0;
  #lastStep: ClockState["lastStep"];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#watch = { offset: this.#offset(), suspected: false };
  }

  /** How far it has stepped since the last look, forward positive; undefined: it has not. */
  look(): Ms | undefined {
    const { watch, by } = lookAtClock(this.#watch, this.#offset());
    this.#watch = watch;
    if (by === undefined) return undefined;
    this.#steps++;
    this.#lastStep = { ts: this.#clock.wall(), by };
    return by;
  }

  state(wall: WallTime): ClockState {
    return clockState(wall, this.#steps, this.#lastStep);
  }

  #offset(): Ms {
    return ms(this.#clock.wall() - this.#clock.now());
  }
}
