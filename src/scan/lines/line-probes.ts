import { between, type Instant, ms, type Ms, plus } from "../../kit/time.ts";
import { PROBE_SHARE } from "../../plan/probe-slots.ts";

/** The same for units that left a request unanswered and are not given up; on lines of several requests at once always. */
const SILENT_SHARE = 3;

/** However long a probe takes, the next may follow after this. */
const LONGEST_GAP = ms(30_000);

/** A unit that may be asked whether it is there. */
export interface Candidate {
  readonly unit: number;
  /** From when on. */
  readonly due: Instant;
  /** Given up: out of the table since several misses. */
  readonly away: boolean;
}

/** What the rest of the line is like when somebody is to be probed. */
export interface Neighbours {
  /** Requests the line carries at once. */
  readonly window: number;
  /** Some unit takes its turns: probes are at its expense. */
  readonly served: boolean;
  /** The table has room now for a probe that nobody answers; undefined: it never has. */
  readonly slot: boolean | undefined;
}

/**
 * Who is probed next on one line: one unit at a time, in rotation, seldom enough that units that answer keep their line. Two
 * units that time out while nobody answers make the line itself suspect, until one does.
 */
export class LineProbes {
  #rotation: readonly number[];
  readonly #doubted = new Set<number>();
  #answeredAt: Instant | undefined;
  #last: { readonly asked: Instant; readonly ended: Instant } | undefined;
  #probing = false;
  /** A unit is back, and those that were asked since answered, too: the others need not wait for slots. */
  #returning = false;

  constructor(units: readonly number[]) {
    this.#rotation = units;
  }

  /** Nothing of the line's table is to be asked: the line may be dead rather than its units. */
  get suspect(): boolean {
    return this.#doubted.size > 1;
  }

  /** Some unit of the line answered. */
  answered(at: Instant): void {
    this.#answeredAt = at;
    if (this.#doubted.size > 0) this.#doubted.clear();
  }

  /** A unit left a request unanswered for so long; that others answered meanwhile says that the line is well. */
  timedOut(unit: number, at: Instant, after: Ms): void {
    this.#returning = false;
    if (this.#answeredAt === undefined || between(this.#answeredAt, at) >= after) this.#doubted.add(unit);
  }

  /** The unit to probe now, if any; the probe is under way until `ended`. */
  next(candidates: readonly Candidate[], now: Instant, neighbours: Neighbours): number | undefined {
    if (this.#probing) return undefined;
    const ready = candidates.filter((each) => each.due <= now && this.#mayAsk(each, now, neighbours));
    const first = Math.min(...ready.map((each) => this.#rank(each)));
    const units = new Set(ready.filter((each) => this.#rank(each) === first).map((each) => each.unit));
    const unit = this.#rotation.find((known) => units.has(known));
    if (unit !== undefined) this.#begin(unit, now);
    return unit;
  }

  ended(at: Instant): void {
    this.#probing = false;
    if (this.#last) this.#last = { asked: this.#last.asked, ended: at };
  }

  /** A unit is back: those that went away at about the same time are asked first. */
  returned(since: Instant, sinces: ReadonlyMap<number, Instant>): void {
    this.#returning = true;
    const distance = (unit: number): number => Math.abs((sinces.get(unit) ?? Number.POSITIVE_INFINITY) - since);
    this.#rotation = [...this.#rotation].sort((one, other) => compare(distance(one), distance(other)));
  }

  #begin(unit: number, now: Instant): void {
    this.#probing = true;
    this.#last = { asked: now, ended: now };
    this.#rotation = [...this.#rotation.filter((other) => other !== unit), unit];
  }

  /** On a suspect line first those that have not disappointed, then as ever: the doubtful before those given up. */
  #rank({ unit, away }: Candidate): number {
    if (this.suspect && !this.#doubted.has(unit)) return 0;
    return away ? 2 : 1;
  }

  #mayAsk({ away }: Candidate, now: Instant, { window, served, slot }: Neighbours): boolean {
    if (this.suspect || !served) return true;
    // Where there are several places, frames carry one that is taken, whenever that is.
    if (slot !== undefined && (away || window === 1)) return slot || (away && this.#returning);
    if (!this.#last) return true;
    const share = (away ? PROBE_SHARE : SILENT_SHARE) / window;
    const cost = between(this.#last.asked, this.#last.ended);
    return now >= plus(this.#last.ended, ms(Math.min(LONGEST_GAP, cost * Math.max(0, share - 1))));
  }
}

/** Infinities are equal. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
