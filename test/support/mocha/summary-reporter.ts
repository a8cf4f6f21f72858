import Mocha, { type MochaOptions, type Runner, type Test } from "mocha";

/** Of a message, so many lines and columns are shown; the rest is counted. */
const LINES_SHOWN = 24;
const COLUMNS_SHOWN = 200;
/** Calls of ours on the way to the failure. */
const CALLS_SHOWN = 4;

/** Mocha's `spec` with short failures, and at the end one line for programs: `N passed, N failed, N skipped`. */
export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once("end", () =>
      console.log(`${this.stats.passes} passed, ${this.stats.failures} failed, ${this.stats.pending} skipped`),
    );
  }

  override epilogue(): void {
    for (const [index, test] of this.failures.entries()) console.log(`\n${index + 1}) ${failureText(test)}`);
    console.log("");
  }
}

/** What failed, why, and where in our files; the whole of a long message is had by running the test alone with `--reporter spec`. */
export function failureText(test: Pick<Test, "titlePath" | "err">): string {
  const title = test.titlePath().join(" > ");
  const { message, stack } = causeOf(test.err);
  return [title, ...shortened(message).map((line) => `   ${line}`), ...callsOf(stack)].join("\n");
}

function causeOf(error: unknown): { readonly message: string; readonly stack: string } {
  if (!(error instanceof Error)) return { message: String(error), stack: "" };
  return { message: error.message === "" ? error.name : error.message, stack: error.stack ?? "" };
}

function shortened(message: string): readonly string[] {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  const shown = lines.slice(0, LINES_SHOWN).map((line) => {
    const more = line.length - COLUMNS_SHOWN;
    return more > 0 ? `${line.slice(0, COLUMNS_SHOWN)}… (${more} more characters)` : line;
  });
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, `… (${left} more lines; alone: npx mocha --reporter spec)`] : shown;
}

function callsOf(stack: string): readonly string[] {
  const calls = stack.split("\n").filter((line) => /^\s+at /.test(line) && !/node_modules|node:internal/.test(line));
  return calls.slice(0, CALLS_SHOWN).map((line) => `   ${line.trim()}`);
}
