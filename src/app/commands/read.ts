import { systemClock } from "../../kit/system-clock.ts";
import { type Access, exitCodeOf } from "../access/access.ts";
import { failureJson, failureText, headLines } from "../access/access-report.ts";
import { withAccess } from "../access/command-access.ts";
import { formatTarget } from "../access/target.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { parseRead, type ReadOrder, type ReadWords } from "../read/parse-read.ts";
import { formatRange, readRange } from "../read/read-range.ts";
import { timeMark, untilInterrupted } from "../read/repeat.ts";
import { readBody, readHead, readJson } from "../read/read-text.ts";
import type { Terminal } from "../process/terminal.ts";

export interface ReadOptions extends ReadWords {
  readonly direct: boolean;
  readonly json: boolean;
}

/** `takt read`: what lies in a range of one unit, once or again and again. */
export async function read(
  target: string,
  words: readonly string[],
  options: ReadOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const order = parseRead(target, words, options);
  if (!order.ok) {
    terminal.err(order.failure);
    return EXIT.invalid;
  }
  const how = { ...options, terminal };
  return withAccess(order.value.target, how, (access) => {
    const once = (): Promise<ExitCode> => readOnce(order.value, access, how);
    return order.value.repeat === undefined ? once() : untilInterrupted(once, order.value.repeat, systemClock);
  });
}

async function readOnce(
  order: ReadOrder,
  access: Access,
  { json, terminal }: { readonly json: boolean; readonly terminal: Terminal },
): Promise<ExitCode> {
  const mark = timeMark(order.repeat, systemClock.wall());
  const cells = await readRange(access, order.range, order.timeout);
  if (cells.ok) {
    const head = headLines(`${mark}${readHead(order, cells.value)}`, order.note, access);
    if (json) terminal.out(JSON.stringify(readJson(order, cells.value, access.through)));
    else terminal.out(`${head}\n\n${readBody(order, cells.value)}${mark === "" ? "" : "\n"}`);
    return EXIT.done;
  }
  const { failure, range } = cells.failure;
  const asked = { target: formatTarget(order.target), unit: range.unit, writing: false, range: formatRange(range) };
  if (json) terminal.out(JSON.stringify(failureJson(failure, asked)));
  else terminal.err(headLines(`${mark}${failureText(failure, asked)}`, order.note, access));
  return exitCodeOf(failure);
}
