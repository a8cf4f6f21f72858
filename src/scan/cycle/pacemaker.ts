import type { Clock, Timer } from "../../kit/clock.ts";
import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import { cycleAt, type Grid, gridPoint, nextCycle } from "./pace.ts";

/** Called at each point of the grid; `skipped` points were passed over before it. */
export type RunCycle = (turn: { readonly cycle: number; readonly lateness: Ms; readonly skipped: number }) => void;

/** Timers tick in milliseconds; `length` before a cycle a precise wait, which blocks the thread, takes over. */
export interface LastStretch {
  readonly length: Ms;
  readonly wait: (due: Instant) => void;
}

/** Timers are late by up to this. */
const LONGEST_STRETCH = ms(1.5);

/** The stretch for a period: never more than a tenth of it, since nothing else happens on the thread meanwhile. */
export function lastStretch(period: Ms, wait: LastStretch["wait"]): LastStretch {
  return { length: ms(Math.min(LONGEST_STRETCH, period / 10)), wait };
}

/** For clocks whose timers are exact. */
export const NO_LAST_STRETCH: LastStretch = { length: ms(0), wait: () => undefined };

export interface PacemakerOptions {
  readonly clock: Clock;
  readonly period: Ms;
  readonly lastStretch: LastStretch;
  readonly run: RunCycle;
}

/** Calls `run` on the grid until stopped. */
export class Pacemaker {
  readonly #options: PacemakerOptions;
  #grid: Grid;
  #cycle = -1;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: PacemakerOptions) {
    this.#options = options;
    this.#grid = { start: options.clock.now(), period: options.period };
  }

  /** Lays the grid, one period from now, and runs on it. */
  start(): void {
    const { clock, period } = this.#options;
    this.#grid = { start: plus(clock.now(), period), period };
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    const { clock, lastStretch } = this.#options;
    const now = clock.now();
    const cycle = nextCycle(this.#grid, this.#cycle, now);
    const wait = ms(Math.max(0, gridPoint(this.#grid, cycle) - now - lastStretch.length));
    this.#timer = clock.after("cycle", wait, () => this.#turn(cycle));
  }

  /** A timer that comes after further points of the grid serves the last of them, late, at once. */
  #turn(planned: number): void {
    const { clock, lastStretch, run } = this.#options;
    const cycle = Math.max(planned, cycleAt(this.#grid, clock.now()));
    const due = gridPoint(this.#grid, cycle);
    lastStretch.wait(due);
    const skipped = cycle - this.#cycle - 1;
    this.#cycle = cycle;
    run({ cycle, lateness: ms(clock.now() - due), skipped });
    if (!this.#stopped) this.#arm();
  }
}
