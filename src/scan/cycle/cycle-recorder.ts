import { DurationHistogram } from "../../kit/histogram.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { CycleCounts, CycleReport, CycleStatistics } from "./cycle-report.ts";

type Counting = { -readonly [Count in keyof CycleCounts]: number };

/** Sums up cycle reports between two statistics. */
export class CycleRecorder {
  readonly #period: Ms;
  readonly #lateness = new DurationHistogram();
  readonly #busy = new DurationHistogram();
  readonly #total = nothing();
  #counts = nothing();
  #last: CycleReport | undefined;

  constructor(period: Ms) {
    this.#period = period;
  }

  record(report: CycleReport): void {
    this.#last = report;
    this.#lateness.record(report.lateness);
    this.#busy.record(ms(report.latch + report.control + report.output + report.input));
    add(this.#counts, report);
    add(this.#total, report);
  }

  /** What happened since the last call; starts afresh. */
  take(): CycleStatistics {
    const statistics = {
      period: this.#period,
      ...this.#counts,
      lateness: this.#lateness.percentiles(),
      busy: this.#busy.percentiles(),
      last: this.#last,
      total: { ...this.#total },
    };
    this.#counts = nothing();
    this.#lateness.reset();
    this.#busy.reset();
    return statistics;
  }
}

function nothing(): Counting {
  return { cycles: 0, skipped: 0, blocksPlanned: 0, blocksDone: 0, blocksMissed: 0, overruns: 0 };
}

function add(counts: Counting, report: CycleReport): void {
  counts.cycles++;
  counts.skipped += report.skipped;
  counts.blocksPlanned += report.blocksPlanned;
  counts.blocksDone += report.blocksDone;
  counts.blocksMissed += report.blocksMissed;
  counts.overruns += report.overruns;
}
