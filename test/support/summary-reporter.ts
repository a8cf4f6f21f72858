import Mocha, { type MochaOptions, type Runner } from "mocha";

/** Mocha's `spec`, and at the end one line for programs: `N passed, N failed, N skipped`. */
export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once("end", () =>
      console.log(`${this.stats.passes} passed, ${this.stats.failures} failed, ${this.stats.pending} skipped`),
    );
  }
}
