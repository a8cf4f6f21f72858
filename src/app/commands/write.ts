import { unreachable } from "../../kit/invariant.ts";
import { ok, type Result } from "../../kit/result.ts";
import { type Access, exitCodeOf } from "../access/access.ts";
import { accessHint } from "../access/access-hint.ts";
import { failureJson, failureText, headLines } from "../access/access-report.ts";
import { withAccess } from "../access/command-access.ts";
import { formatTarget } from "../access/target.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { formatRange, readRange, type ReadFailure } from "../read/read-range.ts";
import type { Terminal } from "../process/terminal.ts";
import { parseWrite, type WriteOrder, type WriteWords } from "../write/parse-write.ts";
import { type WriteReport, writeRange } from "../write/write-range.ts";
import { changeText, intentText, writeJson } from "../write/write-text.ts";

export interface WriteOptions extends WriteWords {
  readonly direct: boolean;
  readonly json: boolean;
}

interface Output {
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** `takt write`: writes once, reads back, and says what is known to have happened. */
export async function write(
  target: string,
  words: readonly string[],
  options: WriteOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const order = parseWrite(target, words, options);
  if (!order.ok) {
    terminal.err(`${order.failure}\nNothing was written.`);
    return EXIT.invalid;
  }
  const output = { json: options.json, terminal };
  return withAccess(order.value.target, { direct: options.direct, terminal }, async (access) => {
    if (!options.json) terminal.out(headLines(intentText(order.value), order.value.note, access));
    const before = await readBefore(access, order.value);
    if (!before.ok) return notTried(before.failure, order.value, output);
    const report = await writeRange(access, order.value, before.value);
    show(order.value, before.value, report, access, output);
    return exitCode(report);
  });
}

/** What is there now. A unit that refuses to tell may take a write all the same; one that is silent gets none. */
async function readBefore(
  access: Access,
  order: WriteOrder,
): Promise<Result<readonly number[] | undefined, ReadFailure>> {
  const read = await readRange(access, order.range, order.timeout);
  if (read.ok) return ok(read.value.values);
  const refused = read.failure.failure.kind === "exception" && exitCodeOf(read.failure.failure) === EXIT.refused;
  return refused ? ok(undefined) : read;
}

function notTried({ failure, range }: ReadFailure, order: WriteOrder, { json, terminal }: Output): ExitCode {
  const asked = { target: formatTarget(order.target), unit: range.unit, writing: false, range: formatRange(range) };
  if (json) terminal.out(JSON.stringify(failureJson(failure, asked)));
  else terminal.err(`${failureText(failure, asked)}\nNothing was written.`);
  return exitCodeOf(failure);
}

function show(
  order: WriteOrder,
  before: readonly number[] | undefined,
  report: WriteReport,
  access: Access,
  { json, terminal }: Output,
): void {
  if (json) return terminal.out(JSON.stringify(writeJson(order, before, report, access.through)));
  const { outcome, reason, failure } = report;
  const asked = {
    target: formatTarget(order.target),
    unit: order.range.unit,
    writing: true,
    range: formatRange(order.range),
  };
  const hint = failure && outcome !== "verified" ? accessHint(failure, asked) : undefined;
  terminal.out(`\n${changeText(order, before, report.after)}\n`);
  terminal.out(reason === undefined ? outcome : `${outcome}: ${reason}`);
  if (hint !== undefined) terminal.err(`  ${hint}`);
}

function exitCode({ outcome, failure }: WriteReport): ExitCode {
  switch (outcome) {
    case "verified":
    case "acknowledged":
      return EXIT.done;
    case "rejected":
    case "refused":
      return EXIT.refused;
    case "failed":
      return failure ? exitCodeOf(failure) : EXIT.refused;
    case "expired":
    case "unknown":
      return EXIT.noAnswer;
    default:
      return unreachable(outcome);
  }
}
