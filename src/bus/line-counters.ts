import { DurationHistogram } from "../kit/histogram.ts";
import { between, type Instant, type Ms } from "../kit/time.ts";
import type { Failure } from "../modbus/failure.ts";
import type { LineStatistics, UnitStatistics } from "./line-statistics.ts";

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
  #answers = 0;
  #requests = 0;

  requested(): void {
    this.#requests++;
  }

  answered(roundTrip: Ms): void {
    this.#answers++;
    this.#roundTrip.record(roundTrip);
  }

  failed(failure: Failure): void {
    this.#failures[failure.kind]++;
    if (failure.kind === "exception") this.#exceptions[failure.code] = (this.#exceptions[failure.code] ?? 0) + 1;
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
    };
  }
}

/** Everything one line counts. A request is counted when it is asked, and again as an answer or a failure. */
export class LineCounters {
  readonly #line: string;
  readonly #all = new RequestCounters();
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
    this.#all.requested();
    this.#units.get(unit)?.requested();
  }

  answered(unit: number, roundTrip: Ms): void {
    this.#all.answered(roundTrip);
    this.#units.get(unit)?.answered(roundTrip);
  }

  failed(unit: number, failure: Failure): void {
    this.#all.failed(failure);
    this.#units.get(unit)?.failed(failure);
  }

  /** From now on at least one request is in flight, or none. */
  busy(busy: boolean, now: Instant): void {
    if (this.#busySince !== undefined) this.#busy += between(this.#busySince, now);
    this.#busySince = busy ? now : undefined;
  }

  statistics(now: Instant): LineStatistics {
    const units = [...this.#units].map(([unit, counters]) => [unit, counters.take()] as const);
    return {
      ...this.#all.take(),
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
}
