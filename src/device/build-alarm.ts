import { ms } from "../kit/time.ts";
import type { AlarmCondition, TagAlarm } from "./alarm.ts";
import type { AlarmFile } from "./alarm-schema.ts";
import { checkConditions, type ConditionSurroundings } from "./check-condition.ts";
import { buildCondition, mapTest } from "./condition.ts";
import type { Finding } from "./finding.ts";
import { bindOperand } from "./operand.ts";
import type { Tag } from "./tag.ts";

/** The alarm that a profile means, with its defaults. */
export function buildAlarm(name: string, file: AlarmFile, tags: ReadonlyMap<string, Tag>): TagAlarm {
  const { when, text, priority = "medium", after = ms(0), clearAfter = ms(0), latch = false } = file;
  const conditions = Object.entries(when).map(([tag, raw]): AlarmCondition => {
    const { rest, deadband } = withoutDeadband(raw);
    const { condition } = buildCondition(tag, rest, tags.get(tag)?.count !== undefined);
    // what needs an argument has been found wrong: an alarm has none
    const test = mapTest(condition.test, (operand) => bindOperand(operand, new Map()));
    return { tag, test, deadband: Number(deadband ?? 0) };
  });
  return { name, text, priority, after, clearAfter, latch, when: conditions };
}

/** What makes no sense in an alarm beyond its form; paths begin at the alarm. */
export function checkAlarm(
  { when }: AlarmFile,
  surroundings: Omit<ConditionSurroundings, "judge">,
): readonly Finding[] {
  const parts = Object.entries(when).map(([tag, raw]) => ({ tag, ...withoutDeadband(raw) }));
  const plain = Object.fromEntries(parts.map(({ tag, rest }) => [tag, rest]));
  const judge: ConditionSurroundings["judge"] = ({ kind }) =>
    kind === "value" ? undefined : "takes a value; an alarm has no arguments";
  const findings = [
    ...checkConditions(plain, { ...surroundings, judge }),
    ...parts.flatMap(({ tag, rest, deadband }) => deadbandFindings(tag, rest, deadband)),
  ];
  return findings.map(({ path, message, ...more }) => ({
    ...more,
    path: ["when", ...path],
    message: `when: ${message}`,
  }));
}

function deadbandFindings(tag: string, rest: unknown, deadband: unknown): readonly Finding[] {
  if (deadband === undefined) return [];
  const path = [tag, "deadband"];
  if (typeof deadband !== "number" || deadband < 0)
    return [{ path, message: `${tag}: deadband has to be a number, 0 or above` }];
  const limits = isMap(rest) && ("above" in rest || "below" in rest);
  return limits
    ? []
    : [{ path, message: `${tag}: a deadband belongs to above or below`, hint: "as in { above: 80, deadband: 2 }" }];
}

function withoutDeadband(raw: unknown): { readonly rest: unknown; readonly deadband: unknown } {
  if (!isMap(raw)) return { rest: raw, deadband: undefined };
  const { deadband, ...rest } = raw;
  return { rest, deadband };
}

function isMap(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}
