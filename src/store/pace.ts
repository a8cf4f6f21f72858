import type { Clock } from "../kit/clock.ts";
import { between, type Instant, type Ms, ms } from "../kit/time.ts";

/** After a pause so much may come at once. */
const BURST = ms(100);

/** Lets things happen every `period` on average. */
export class Pace {
  readonly #period: Ms;
  readonly #clock: Clock;
  /** Time that is saved up. */
  #credit: number;
  #at: Instant;

  constructor(period: Ms, clock: Clock) {
    this.#period = period;
    this.#clock = clock;
    this.#credit = period;
    this.#at = clock.now();
  }

  allows(): boolean {
    const now = this.#clock.now();
    this.#credit = Math.min(Math.max(BURST, this.#period), this.#credit + between(this.#at, now));
    this.#at = now;
    return this.#credit >= this.#period;
  }

  spend(): void {
    this.#credit -= this.#period;
  }
}
