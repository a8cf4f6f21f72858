import type { TagMemory } from "../memory/tag-memory.ts";

/**
 * The slave's own guard against a dead master: content as long as `masterAlive` changes within `watchdogTimeout`
 * seconds (0: off). It watches from the first change on, so that a device works before any master has come.
 */
export class Watchdog {
  readonly #memory: TagMemory;
  #last: number;
  #armed = false;
  #silence = 0;
  #tripped = false;

  constructor(memory: TagMemory) {
    this.#memory = memory;
    this.#last = memory.number("masterAlive");
  }

  get tripped(): boolean {
    return this.#tripped;
  }

  /** True in the step in which it trips. */
  step(seconds: number): boolean {
    const alive = this.#memory.number("masterAlive");
    this.#silence += seconds;
    if (alive !== this.#last) {
      this.#last = alive;
      this.#armed = true;
      this.#silence = 0;
      this.#tripped = false;
    }
    const timeout = this.#memory.number("watchdogTimeout");
    if (!this.#armed || timeout === 0 || this.#silence <= timeout) return false;
    this.#armed = false;
    this.#tripped = true;
    return true;
  }
}
