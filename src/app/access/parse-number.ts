import { unitFinding } from "../../config/plant/device-on-line.ts";
import { formatDuration, parseDuration } from "../../kit/duration.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { Target } from "./target.ts";

/** A whole number from an option or argument called `name`; the failure is a sentence. */
export function parseNumber(
  name: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): Result<number, string> {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? ok(value) : err(`${name} "${text}" is no number from ${least} to ${most}`);
}

/** Some TCP devices answer to 0, as others do to 255; on serial lines 0 is the broadcast, which nobody answers. */
export function parseUnit(text: string, target: Target): Result<number, string> {
  const unit = parseNumber("--unit", text, { least: 0, most: 255 });
  const misplaced = unit.ok ? unitFinding(unit.value, target) : undefined;
  return misplaced ? err(misplaced.message) : unit;
}

const LONGEST = ms(3_600_000);

export function parseSpan(name: string, text: string): Result<Ms, string> {
  const span = parseDuration(text);
  if (span === undefined) return err(`${name} "${text}" is no duration; write 300ms, 1s, 1.5s`);
  return span >= 1 && span <= LONGEST ? ok(span) : err(`${name} ${text} is outside 1ms..${formatDuration(LONGEST)}`);
}
