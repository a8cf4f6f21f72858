import { DurationHistogram } from "../../kit/histogram.ts";
import { between, type Instant, type Ms } from "../../kit/time.ts";
import type { Failure } from "../../modbus/failure.ts";
import type { LineStatistics, UnitStatistics } from "./line-statistics.ts";

const NO_FAILURES: Readonly<Record<Failure["kind"], number>> = {
  notSent: 0,
  lineLost: 0,
  timeout: 0,
  damaged: 0,
  mismatch: 0,
  exception: 0,
};

/** Counts what becomes of the requests to one unit, or to all of a line's. */
class RequestCounters {
  readonly #roundTrip = new DurationHistogram();
  #turnaround: DurationHistogram | undefined;
  readonly #exceptions: Record<number, number> = {};
  readonly #failures: Record<Failure["kind"], number> = { ...NO_FAILURES };
  #answers = 0;
  #requests = 0;

  requested(): void {
    this.#requests++;
  }

  answered(roundTrip: Ms, turnaround: Ms | undefined): void {
    this.#answers++;
    this.#roundTrip.record(roundTrip);
    if (turnaround !== undefined) (this.#turnaround ??= new DurationHistogram()).record(turnaround);
  }

  failed(failure: Failure): void {
    this.#failures[failure.kind]++;
    if (failure.kind === "exception") this.#exceptions[failure.code] = (this.#exceptions[failure.code] ?? 0) + 1;
  }

  /** Takes in what `other` counted; turnarounds are each unit's own. */
  add(other: RequestCounters): void {
    this.#requests += other.#requests;
    this.#answers += other.#answers;
    this.#roundTrip.add(other.#roundTrip);
    addEach(this.#failures, other.#failures);
    addEach(this.#exceptions, other.#exceptions);
  }

  /** Round trips start afresh. */
  take(): UnitStatistics {
    const roundTrip = this.#roundTrip.percentiles();
    this.#roundTrip.reset();
    return {
      requests: this.#requests,
      answers: this.#answers,
      failures: { ...this.#failures },
      exceptions: { ...this.#exceptions },
      roundTrip,
      turnaround: this.#turnaround?.percentiles(),
    };
  }
}

/** Everything one line counts. A request is counted when it is asked, and again as an answer or a failure. */
export class LineCounters {
  readonly #line: string;
  /** What was asked of units the line was not made for. */
  readonly #others = new RequestCounters();
  readonly #units: ReadonlyMap<number, RequestCounters>;
  #connects = 0;
  #resets = 0;
  #lateAnswers = 0;
  #busySince: Instant | undefined;
  #busy = 0;
  #since: Instant;

  /** Of these `units` everything is counted by itself, too; what is asked of others counts for the line only. */
  constructor(line: string, now: Instant, units: Iterable<number> = []) {
    this.#line = line;
    this.#units = new Map([...units].map((unit) => [unit, new RequestCounters()]));
    this.#since = now;
  }

  connected(): void {
    this.#connects++;
  }

  reset(): void {
    this.#resets++;
  }

  stray(): void {
    this.#lateAnswers++;
  }

  requested(unit: number): void {
    this.#of(unit).requested();
  }

  /** `turnaround`: what of it was the unit's, where that can be told. */
  answered(unit: number, roundTrip: Ms, turnaround?: Ms): void {
    this.#of(unit).answered(roundTrip, turnaround);
  }

  failed(unit: number, failure: Failure): void {
    this.#of(unit).failed(failure);
  }

  /** From now on at least one request is in flight, or none. */
  busy(busy: boolean, now: Instant): void {
    if (this.#busySince !== undefined) this.#busy += between(this.#busySince, now);
    this.#busySince = busy ? now : undefined;
  }

  statistics(now: Instant): LineStatistics {
    const all = new RequestCounters();
    for (const counters of [this.#others, ...this.#units.values()]) all.add(counters);
    this.#others.take();
    const units = [...this.#units].map(([unit, counters]) => [unit, counters.take()] as const);
    return {
      ...all.take(),
      line: this.#line,
      connects: this.#connects,
      resets: this.#resets,
      lateAnswers: this.#lateAnswers,
      utilisation: this.#utilisation(now),
      units: new Map(units),
    };
  }

  #of(unit: number): RequestCounters {
    return this.#units.get(unit) ?? this.#others;
  }

  #utilisation(now: Instant): number {
    this.busy(this.#busySince !== undefined, now);
    const span = between(this.#since, now);
    const share = span > 0 ? Math.min(1, this.#busy / span) : 0;
    this.#since = now;
    this.#busy = 0;
    return share;
  }
}

function addEach(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
}
