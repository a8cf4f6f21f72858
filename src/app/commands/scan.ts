import { unitFinding } from "../../config/plant/device-on-line.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { formatSerial } from "../../modbus/serial-format.ts";
import { type Access, describeAccessFailure, exitCodeOf } from "../access/access.ts";
import { accessHint } from "../access/access-hint.ts";
import { withAccess } from "../access/command-access.ts";
import { parseSpan } from "../access/parse-number.ts";
import { formatTarget, parseTarget, type Target } from "../access/target.ts";
import { USUAL_FORMATS } from "../find-units/usual-formats.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { findUnits, type FoundUnit, type SearchFailure } from "../find-units/find-units.ts";
import { parseUnits } from "../find-units/unit-range.ts";
import { unitJson, unitsNote, unitsText } from "../find-units/units-text.ts";
import type { Terminal } from "../process/terminal.ts";

export interface ScanOptions {
  /** Undefined: 1 to 247; with `baud` 1 to 10. */
  readonly units?: string | undefined;
  readonly timeout: string;
  /** `auto`: tries the usual formats of a wire. */
  readonly baud?: string | undefined;
  readonly direct: boolean;
  readonly json: boolean;
}

interface ScanOrder {
  /** Several of them are tried until a unit answers. */
  readonly targets: readonly Target[];
  readonly units: readonly number[];
  readonly timeout: Ms;
}

/** What is asked on one target. */
interface Attempt extends Omit<ScanOrder, "targets"> {
  readonly target: Target;
}

/** `takt scan`: which units of an endpoint answer, and what they say of themselves. */
export async function scan(target: string, options: ScanOptions, terminal: Terminal): Promise<ExitCode> {
  const order = parseScan(target, options);
  if (!order.ok) {
    terminal.err(order.failure);
    return EXIT.invalid;
  }
  const { targets, ...rest } = order.value;
  if (targets.length > 1) return tryFormats(targets, rest, options, terminal);
  const [only] = targets;
  return only ? scanOne({ ...rest, target: only }, options, terminal) : EXIT.invalid;
}

function scanOne(attempt: Attempt, options: ScanOptions, terminal: Terminal): Promise<ExitCode> {
  return withAccess(attempt.target, { direct: options.direct, terminal }, async (access) => {
    if (access.through !== undefined) {
      terminal.err(`${access.through}; every silent unit holds up its line for ${options.timeout}`);
    }
    const notice = longNotice(attempt);
    if (notice !== undefined) terminal.err(notice);
    const found = await findUnits(access, { ...attempt, asking: progressTo(attempt, terminal) });
    terminal.progress("");
    return show(found, attempt, access, { json: options.json, terminal });
  });
}

/** One format after the other until a unit answers. A running master has its own and does not change it. */
async function tryFormats(
  targets: readonly Target[],
  rest: Omit<Attempt, "target">,
  options: ScanOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  for (const target of targets) {
    const attempt = { ...rest, target };
    const ended = await withAccess(target, { direct: options.direct, terminal }, async (access) => {
      if (access.through !== undefined) {
        terminal.err(`${access.through}, with a format of its own; stop it to try others`);
        return EXIT.refused;
      }
      const found = await findUnits(access, { ...attempt, asking: progressTo(attempt, terminal) });
      terminal.progress("");
      const silent = found.ok && found.value.length === 0;
      return silent ? undefined : show(found, attempt, access, { json: options.json, terminal });
    });
    if (ended !== undefined) return ended;
  }
  terminal.err(`none of ${rest.units.length} units answered in any of ${targets.length} formats\n  ${NO_FORMAT_HINT}`);
  return EXIT.noAnswer;
}

/** Waiting that nobody expects is announced. */
const LONG = ms(5000);

function longNotice({ units, timeout }: Attempt): string | undefined {
  const most = ms(units.length * timeout);
  if (most < LONG) return undefined;
  return `asking ${count(units.length)}; takes up to ${Math.ceil(most / 1000)} s where most are silent (--units 1-20 asks fewer)`;
}

const NO_FORMAT_HINT =
  "--units 1-247 asks more units; are A and B the right way round, is there power, does the device speak RTU?";

function parseScan(text: string, options: ScanOptions): Result<ScanOrder, string> {
  const target = parseTarget(text);
  if (!target.ok) return target;
  const targets = targetsToTry(target.value, options.baud);
  if (!targets.ok) return targets;
  const units = parseUnits(options.units ?? (targets.value.length > 1 ? "1-10" : "1-247"));
  if (!units.ok) return units;
  const misplaced = units.value.map((unit) => unitFinding(unit, target.value)).find((finding) => finding !== undefined);
  if (misplaced) return err(misplaced.message);
  const timeout = parseSpan("--timeout", options.timeout);
  if (!timeout.ok) return timeout;
  return ok({ targets: targets.value, units: units.value, timeout: timeout.value });
}

function targetsToTry(target: Target, baud: string | undefined): Result<readonly Target[], string> {
  if (baud === undefined) return ok([target]);
  if (baud !== "auto") return err(`--baud is auto, or part of the target: ${formatTarget(target)}`);
  if (target.kind !== "serial") return err("--baud auto is for serial ports: a device server has a format of its own");
  return ok(USUAL_FORMATS.map((format) => ({ ...target, format })));
}

function progressTo(
  { units, target }: Attempt,
  terminal: Terminal,
): (unit: number, found: readonly FoundUnit[]) => void {
  return (unit, found) => {
    const done = units.indexOf(unit);
    const so = found.map((one) => one.unit).join(", ");
    const format = target.kind === "tcp" ? "" : ` at ${formatSerial(target.format)}`;
    terminal.progress(
      `asking unit ${unit}${format} (${done} of ${units.length} done)${so === "" ? "" : `, found ${so}`}`,
    );
  };
}

function show(
  result: Result<readonly FoundUnit[], SearchFailure>,
  { target, units }: Attempt,
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
