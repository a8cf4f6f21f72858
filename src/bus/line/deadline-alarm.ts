import type { Clock, Timer } from "../../kit/clock.ts";
import { between, type Instant } from "../../kit/time.ts";

export interface DeadlineAlarmOptions {
  readonly name: string;
  readonly clock: Clock;
  /** The earliest deadline that is open; undefined when there is none. */
  readonly earliest: () => Instant | undefined;
  /** Something is overdue. What had arrived before the timer fired has been heard. */
  readonly ring: (now: Instant) => void;
}

/**
 * One timer for any number of deadlines. A deadline that is met costs nothing: the timer finds it gone. Before the alarm
 * rings the event loop takes in once more what had arrived: an answer that came while the thread was busy came in time.
 */
export class DeadlineAlarm {
  readonly #options: DeadlineAlarmOptions;
  #timer: Timer | undefined;
  #due: Instant | undefined;
  #ringing: Timer | undefined;

  constructor(options: DeadlineAlarmOptions) {
    this.#options = options;
  }

  /** Sees to it that `due` is not missed. */
  expect(due: Instant): void {
    if (this.#ringing !== undefined || (this.#due !== undefined && this.#due <= due)) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.#options.clock.after(this.#options.name, between(this.#options.clock.now(), due), () =>
      this.#fire(),
    );
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#ringing?.cancel();
    this.#ringing = undefined;
    this.#due = undefined;
  }

  #fire(): void {
    this.#due = undefined;
    const earliest = this.#options.earliest();
    if (earliest === undefined) return;
    if (earliest > this.#options.clock.now()) return this.expect(earliest);
    this.#ringing = this.#options.clock.soon(this.#options.name, () => this.#ring());
  }

  #ring(): void {
    this.#ringing = undefined;
    this.#options.ring(this.#options.clock.now());
    const earliest = this.#options.earliest();
    if (earliest !== undefined) this.expect(earliest);
  }
}
