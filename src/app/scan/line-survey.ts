import type { Line } from "../../bus/line/line.ts";
import type { LineStatistics } from "../../bus/line/line-statistics.ts";

/** Takes the statistics of all lines, one line at each step, so that no cycle bears them all. */
export class LineSurvey {
  readonly #lines: readonly Line[];
  #taken: LineStatistics[] | undefined;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  /** Begins anew; one that is under way is finished first. */
  begin(): void {
    this.#taken ??= [];
  }

  /** Takes the next line; gives all of them with the last. */
  step(): readonly LineStatistics[] | undefined {
    const taken = this.#taken;
    if (!taken) return undefined;
    const line = this.#lines[taken.length];
    if (line) taken.push(line.statistics());
    if (taken.length < this.#lines.length) return undefined;
    this.#taken = undefined;
    return taken;
  }
}
