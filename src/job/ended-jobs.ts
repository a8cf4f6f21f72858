import type { Clock } from "../kit/clock.ts";
import { between, type Instant, ms, plus } from "../kit/time.ts";
import type { EndedJob } from "./job.ts";

/** What a device was given is remembered for this long at least; the same order after that may be a new job. */
const REMEMBERED = ms(3_600_000);
/** And so many at least, however old. */
const LEAST_GIVEN = 2000;
/** With so many younger ones, nothing more is taken: five and a half jobs a second. */
const MOST_GIVEN = 20_000;
/** An order that no device was given does no harm when it comes again: remembered as far as this reaches. */
const MOST_NEVER_GIVEN = 2000;
/** Old ones that make room at a time. */
const FORGOTTEN_AT_ONCE = 8;

interface Given {
  readonly job: EndedJob;
  readonly since: Instant;
}

/**
 * Jobs that have ended, so that an order that comes again is not done again. Those that no device was given are kept
 * apart: however many come, they make none forgotten that may have been done.
 */
export class EndedJobs {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #given = new Map<string, Given>();
  readonly #neverGiven = new Map<string, EndedJob>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(id: string): EndedJob | undefined {
    return this.#given.get(id)?.job ?? this.#neverGiven.get(id);
  }

  /** None that ends can be remembered for its hour. */
  get full(): boolean {
    return this.#given.size >= MOST_GIVEN && this.#old(1).next().done === true;
  }

  restore(jobs: readonly EndedJob[]): void {
    const [now, wall] = [this.#clock.now(), this.#clock.wall()];
    // A wall clock that was set back makes none younger than new.
    for (const job of jobs.toSorted((a, b) => a.at - b.at)) this.#note(job, plus(now, ms(Math.min(0, job.at - wall))));
  }

  /** Gives the ids that are forgotten for it. */
  add(job: EndedJob): readonly string[] {
    this.#note(job, this.#clock.now());
    const forgotten = [...this.#old(FORGOTTEN_AT_ONCE)];
    for (const id of forgotten) this.#given.delete(id);
    const [unneeded] = this.#neverGiven.keys();
    if (this.#neverGiven.size <= MOST_NEVER_GIVEN || unneeded === undefined) return forgotten;
    this.#neverGiven.delete(unneeded);
    return [...forgotten, unneeded];
  }

  #note(job: EndedJob, since: Instant): void {
    if (job.attempts > 0) this.#given.set(job.id, { job, since });
    else this.#neverGiven.set(job.id, job);
  }

  /** Ids that may be forgotten, so many at most. */
  *#old(most: number): Generator<string, void> {
    const now = this.#clock.now();
    let left = Math.min(most, this.#given.size - LEAST_GIVEN);
    for (const [id, { since }] of this.#given) {
      if (left-- <= 0 || between(since, now) < REMEMBERED) return;
      yield id;
    }
  }
}
