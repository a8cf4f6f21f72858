import { DurationHistogram } from "../kit/histogram.ts";
import { type Ms, ms } from "../kit/time.ts";
import type { CycleReport, CycleStatistics } from "./cycle-report.ts";

/** Sums up cycle reports between two statistics. */
export class CycleRecorder {
  readonly #period: Ms;
  readonly #lateness = new DurationHistogram();
  readonly #busy = new DurationHistogram();
  #counts = { cycles: 0, skipped: 0, blocksPlanned: 0, blocksDone: 0, blocksMissed: 0, overruns: 0 };
  #last: CycleReport | undefined;

  constructor(period: Ms) {
    this.#period = period;
  }

  record(report: CycleReport): void {
    this.#last = report;
    this.#lateness.record(report.lateness);
    this.#busy.record(ms(report.latch + report.control + report.output + report.input));
    const counts = this.#counts;
    counts.cycles++;
    counts.skipped += report.skipped;
    counts.blocksPlanned += report.blocksPlanned;
    counts.blocksDone += report.blocksDone;
    counts.blocksMissed += report.blocksMissed;
    counts.overruns += report.overruns;
  }

  /** What happened since the last call; starts afresh. */
  take(): CycleStatistics {
    const statistics = {
      period: this.#period,
      ...this.#counts,
      lateness: this.#lateness.percentiles(),
      busy: this.#busy.percentiles(),
      last: this.#last,
    };
    this.#counts = { cycles: 0, skipped: 0, blocksPlanned: 0, blocksDone: 0, blocksMissed: 0, overruns: 0 };
    this.#lateness.reset();
    this.#busy.reset();
    return statistics;
  }
}
