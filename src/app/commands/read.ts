import type { Clock } from "../../kit/clock.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { between, type Ms, ms } from "../../kit/time.ts";
import { type Access, exitCodeOf } from "../access/access.ts";
import { failureJson, failureText, headLines } from "../access/access-report.ts";
import { withAccess } from "../access/command-access.ts";
import { formatTarget } from "../access/target.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { parseRead, type ReadOrder, type ReadWords } from "../read/parse-read.ts";
import { formatRange, readRange } from "../read/read-range.ts";
import { readBody, readHead, readJson } from "../read/read-text.ts";
import type { Terminal } from "../terminal.ts";

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
  const cells = await readRange(access, order.range, order.timeout);
  if (cells.ok) {
    if (json) terminal.out(JSON.stringify(readJson(order, cells.value, access.through)));
    else
      terminal.out(`${headLines(readHead(order, cells.value), order.note, access)}\n\n${readBody(order, cells.value)}`);
    return EXIT.done;
  }
  const { failure, range } = cells.failure;
  const asked = { target: formatTarget(order.target), unit: range.unit, writing: false, range: formatRange(range) };
  if (json) terminal.out(JSON.stringify(failureJson(failure, asked)));
  else terminal.err(headLines(failureText(failure, asked), order.note, access));
  return exitCodeOf(failure);
}

/** Runs `once` every `period`, failures notwithstanding, until SIGINT or SIGTERM; ends as the last of them. */
async function untilInterrupted(once: () => Promise<ExitCode>, period: Ms, clock: Clock): Promise<ExitCode> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort);
  let code: ExitCode = EXIT.done;
  while (!stop.signal.aborted) {
    const begun = clock.now();
    code = await once();
    await pause(ms(period - between(begun, clock.now())), clock, stop.signal);
  }
  process.off("SIGINT", abort).off("SIGTERM", abort);
  return code;
}

function pause(span: Ms, clock: Clock, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = clock.after("read again", span, done);
    stop.addEventListener("abort", done);
    function done(): void {
      timer.cancel();
      stop.removeEventListener("abort", done);
      resolve();
    }
  });
}
