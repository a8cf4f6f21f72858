import { between, type Instant, ms } from "../../kit/time.ts";

/** So many questions of somebody else, within this time, are no accident. */
const MOST_QUESTIONS = 3;
const QUESTIONS_SPAN = ms(10_000);

/** Without a question for so long the other master is gone. */
const GONE = ms(60_000);

/** Notices whether another master asks on a line. */
export class StrangerWatch {
  #questions: readonly Instant[] = [];
  #known = false;

  /** Another master asked something; true when that makes it known. */
  heard(at: Instant): boolean {
    this.#questions = [...this.#questions.filter((asked) => between(asked, at) < QUESTIONS_SPAN), at];
    if (this.#known || this.#questions.length < MOST_QUESTIONS) return false;
    this.#known = true;
    return true;
  }

  /** Time has passed; true when the other master is gone by now. */
  isGone(now: Instant): boolean {
    const last = this.#questions.at(-1);
    if (!this.#known || last === undefined || between(last, now) < GONE) return false;
    this.#known = false;
    return true;
  }
}
