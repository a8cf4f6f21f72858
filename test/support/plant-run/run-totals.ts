import type { LineStatistics } from "../../../src/bus/line/line-statistics.ts";

/** Counted over all lines of a run. */
export type RunTotals = Pick<LineStatistics, "requests" | "answers" | "failures" | "lateAnswers" | "connects">;

export function totalsOf(lines: readonly LineStatistics[]): RunTotals {
  return {
    requests: sum(lines, ({ requests }) => requests),
    answers: sum(lines, ({ answers }) => answers),
    lateAnswers: sum(lines, ({ lateAnswers }) => lateAnswers),
    connects: sum(lines, ({ connects }) => connects),
    failures: {
      timeout: sum(lines, ({ failures }) => failures.timeout),
      damaged: sum(lines, ({ failures }) => failures.damaged),
      mismatch: sum(lines, ({ failures }) => failures.mismatch),
      exception: sum(lines, ({ failures }) => failures.exception),
      notSent: sum(lines, ({ failures }) => failures.notSent),
      lineLost: sum(lines, ({ failures }) => failures.lineLost),
    },
  };
}

function sum(lines: readonly LineStatistics[], of: (line: LineStatistics) => number): number {
  return lines.reduce((total, line) => total + of(line), 0);
}
