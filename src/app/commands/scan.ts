import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { type Access, describeAccessFailure, exitCodeOf } from "../access/access.ts";
import { accessHint } from "../access/access-hint.ts";
import { withAccess } from "../access/command-access.ts";
import { parseSpan } from "../access/parse-number.ts";
import { formatTarget, parseTarget, type Target } from "../access/target.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { findUnits, type FoundUnit, type SearchFailure } from "../find-units/find-units.ts";
import { parseUnits } from "../find-units/unit-range.ts";
import { unitJson, unitsNote, unitsText } from "../find-units/units-text.ts";
import type { Terminal } from "../terminal.ts";

export interface ScanOptions {
  readonly units: string;
  readonly timeout: string;
  readonly direct: boolean;
  readonly json: boolean;
}

interface ScanOrder {
  readonly target: Target;
  readonly units: readonly number[];
  readonly timeout: Ms;
}

/** `takt scan`: which units of an endpoint answer, and what they say of themselves. */
export async function scan(target: string, options: ScanOptions, terminal: Terminal): Promise<ExitCode> {
  const order = parseScan(target, options);
  if (!order.ok) {
    terminal.err(order.failure);
    return EXIT.invalid;
  }
  return withAccess(order.value.target, { direct: options.direct, terminal }, async (access) => {
    if (access.through !== undefined) {
      terminal.err(`${access.through}; every silent unit holds up its line for ${options.timeout}`);
    }
    const notice = longNotice(order.value);
    if (notice !== undefined) terminal.err(notice);
    const found = await findUnits(access, { ...order.value, asking: progressTo(order.value, terminal) });
    terminal.progress("");
    return show(found, order.value, access, { json: options.json, terminal });
  });
}

function parseScan(target: string, options: ScanOptions): Result<ScanOrder, string> {
  const endpoint = parseTarget(target);
  if (!endpoint.ok) return endpoint;
  const units = parseUnits(options.units);
  if (!units.ok) return units;
  const timeout = parseSpan("--timeout", options.timeout);
  return timeout.ok ? ok({ target: endpoint.value, units: units.value, timeout: timeout.value }) : err(timeout.failure);
}

/** Waiting that nobody expects is announced. */
const LONG = ms(5000);

function longNotice({ units, timeout }: ScanOrder): string | undefined {
  const most = ms(units.length * timeout);
  if (most < LONG) return undefined;
  return `asking ${count(units.length)}; takes up to ${Math.ceil(most / 1000)} s where most are silent (--units 1-20 asks fewer)`;
}

function progressTo({ units }: ScanOrder, terminal: Terminal): (unit: number, found: readonly FoundUnit[]) => void {
  return (unit, found) => {
    const done = units.indexOf(unit);
    const so = found.map((one) => one.unit).join(", ");
    terminal.progress(`asking unit ${unit} (${done} of ${units.length} done)${so === "" ? "" : `, found ${so}`}`);
  };
}

function show(
  result: Result<readonly FoundUnit[], SearchFailure>,
  { target, units }: ScanOrder,
  access: Access,
  { json, terminal }: { readonly json: boolean; readonly terminal: Terminal },
): ExitCode {
  const found = result.ok ? result.value : result.failure.found;
  const name = formatTarget(target);
  if (json)
    terminal.out(JSON.stringify({ target: name, through: access.through, asked: units, units: found.map(unitJson) }));
  else if (found.length > 0)
    terminal.out(`${count(found.length)} of ${units.length} at ${name}\n\n${unitsText(found)}`);
  const note = unitsNote(found, units.length);
  if (note !== undefined && !json) terminal.out(`\n${note}`);
  if (!result.ok) return broken(result.failure, name, terminal);
  if (found.length > 0) return EXIT.done;
  terminal.err(
    `${name}: connected, yet none of ${units.length} units answered\n  --timeout 1s waits longer: a gateway needs more time than its slowest unit`,
  );
  return EXIT.noAnswer;
}

function broken({ failure }: SearchFailure, target: string, terminal: Terminal): ExitCode {
  const hint = accessHint(failure, { target, unit: 0, writing: false, range: "" });
  terminal.err(`${target}: ${describeAccessFailure(failure)}${hint === undefined ? "" : `\n  ${hint}`}`);
  return exitCodeOf(failure);
}

function count(units: number): string {
  return units === 1 ? "1 unit" : `${units} units`;
}
