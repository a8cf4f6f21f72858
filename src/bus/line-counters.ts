import { DurationHistogram } from "../kit/histogram.ts";
import { between, type Instant, type Ms } from "../kit/time.ts";
import type { Failure } from "../modbus/failure.ts";
import type { LineStatistics, UnitStatistics } from "./line-statistics.ts";

/** Round trips that are kept before they go to the histogram together: one at a time costs ten times as much. */
const ROUND_TRIPS_KEPT = 64;

/** Counts what becomes of the requests to one unit, or of all of a line's. */
class RequestCounters {
  readonly #roundTrip = new DurationHistogram();
  readonly #exceptions: Record<number, number> = {};
  readonly #failures: Record<Failure["kind"], number> = {
    notSent: 0,
    lineLost: 0,
    timeout: 0,
    damaged: 0,
    mismatch: 0,
    exception: 0,
  };
  #kept: Ms[] = [];
  #answers = 0;
  #requests = 0;

  requested(): void {
    this.#requests++;
  }

  answered(roundTrip: Ms): void {
    this.#answers++;
    if (this.#kept.push(roundTrip) === ROUND_TRIPS_KEPT) this.#record();
  }

  failed(failure: Failure): void {
    this.#failures[failure.kind]++;
    if (failure.kind === "exception") this.#countException(failure.code, 1);
  }

  /** Takes in everything that `other` has counted. */
  add(other: RequestCounters): void {
    other.#record();
    this.#roundTrip.add(other.#roundTrip);
    this.#requests += other.#requests;
    this.#answers += other.#answers;
    for (const [kind, count] of Object.entries(other.#failures)) this.#failures[kind as Failure["kind"]] += count;
    for (const [code, count] of Object.entries(other.#exceptions)) this.#countException(Number(code), count);
  }

  statistics(): UnitStatistics {
    this.#record();
    return {
      requests: this.#requests,
      answers: this.#answers,
      failures: { ...this.#failures },
      exceptions: { ...this.#exceptions },
      roundTrip: this.#roundTrip.percentiles(),
    };
  }

  #countException(code: number, count: number): void {
    this.#exceptions[code] = (this.#exceptions[code] ?? 0) + count;
  }

  #record(): void {
    for (const roundTrip of this.#kept) this.#roundTrip.record(roundTrip);
    this.#kept = [];
  }
}

/** Everything one line counts. A request is counted when it is asked, and again as an answer or a failure. */
export class LineCounters {
  readonly #line: string;
  readonly #units = new Map<number, RequestCounters>();
  #connects = 0;
  #resets = 0;
  #lateAnswers = 0;
  #busySince: Instant | undefined;
  #busy = 0;
  #since: Instant;

  constructor(line: string, now: Instant) {
    this.#line = line;
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
    this.#unit(unit).requested();
  }

  answered(unit: number, roundTrip: Ms): void {
    this.#unit(unit).answered(roundTrip);
  }

  failed(unit: number, failure: Failure): void {
    this.#unit(unit).failed(failure);
  }

  /** From now on at least one request is in flight, or none. */
  busy(busy: boolean, now: Instant): void {
    if (this.#busySince !== undefined) this.#busy += between(this.#busySince, now);
    this.#busySince = busy ? now : undefined;
  }

  statistics(now: Instant): LineStatistics {
    const all = new RequestCounters();
    for (const counters of this.#units.values()) all.add(counters);
    const units = [...this.#units].map(([unit, counters]) => [unit, counters.statistics()] as const);
    return {
      ...all.statistics(),
      line: this.#line,
      connects: this.#connects,
      resets: this.#resets,
      lateAnswers: this.#lateAnswers,
      utilisation: this.#utilisation(now),
      units: new Map(units),
    };
  }

  #utilisation(now: Instant): number {
    this.busy(this.#busySince !== undefined, now);
    const span = between(this.#since, now);
    const share = span > 0 ? Math.min(1, this.#busy / span) : 0;
    this.#since = now;
    this.#busy = 0;
    return share;
  }

  #unit(unit: number): RequestCounters {
    const known = this.#units.get(unit);
    if (known) return known;
    const counters = new RequestCounters();
    this.#units.set(unit, counters);
    return counters;
  }
}
