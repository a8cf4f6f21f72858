import { type Ms, ms } from "../kit/time.ts";
import type { ArgFile, CommandFile, StepFile } from "./command-schema.ts";
import { buildCondition, type Condition } from "./condition.ts";
import type { CommandArg, CommandStep, DeviceCommand, Patience } from "./device-command.ts";
import { buildOperand, type Operand } from "./operand.ts";
import type { Value } from "./quality.ts";
import { DEFAULT_ROLE } from "./role.ts";
import type { Tag } from "./tag.ts";

type Tags = ReadonlyMap<string, Tag>;

/** What a command's steps are about. */
interface Around {
  readonly tags: Tags;
  /** Periods of the plant's scan classes; undefined where a profile is read by itself. */
  readonly classes: ReadonlyMap<string, Ms> | undefined;
}

/** The command that a profile's entry means, defaults put in; whether it makes sense is another question. */
export function buildCommand(name: string, file: CommandFile, { tags, classes }: Around): DeviceCommand {
  const around = { tags, classes };
  return {
    name,
    title: file.title,
    args: new Map(Object.entries(file.args ?? {}).map(([arg, argFile]) => [arg, buildArg(arg, argFile)])),
    requires: (file.requires ?? []).flatMap((each) => conditionsOf(each, tags)),
    steps: file.steps.map((step) => buildStep(step, around)),
    otherwise: (file.otherwise ?? []).map((step) => buildStep(step, around)),
    arm: file.arm,
    preempts: file.preempts ?? false,
    role: file.role ?? DEFAULT_ROLE,
  };
}

function buildArg(name: string, file: ArgFile): CommandArg {
  return {
    name,
    title: file.title,
    type: file.type ?? typeOf(file),
    unit: file.unit,
    range: file.range && { min: file.range[0], max: file.range[1] },
    values: file.values ?? [],
    // a default of the wrong kind is found by the check
    default: file.default as Value | undefined,
  };
}

function typeOf({ values, default: given }: ArgFile): CommandArg["type"] {
  if (values) return "enum";
  if (typeof given === "boolean") return "bool";
  return typeof given === "string" ? "string" : "number";
}

function buildStep({ write, expect, within = ms(0), wait }: StepFile, around: Around): CommandStep {
  if (write) {
    const writes = Object.entries(write).map(([tag, raw]) => ({ tag, value: buildOperand(raw) }));
    return { kind: "write", writes };
  }
  if (expect) {
    const conditions = conditionsOf(expect, around.tags);
    return { kind: "expect", conditions, ...patience(conditions, within, around) };
  }
  return { kind: "wait", span: wait ?? ms(0) };
}

/**
 * What a profile says of the time an effect may take holds in every plant; one that reads a tag more seldom sees it up to two
 * readings later.
 */
function patience(conditions: readonly Condition<Operand>[], within: Ms, { tags, classes }: Around): Patience {
  const periods = conditions.map(({ tag }) => classes?.get(tags.get(tag)?.scanClass ?? "") ?? 0);
  const slowest = Math.max(0, ...periods);
  return slowest > within ? { within: ms(within + 2 * slowest), seldom: true } : { within, seldom: false };
}

/** All conditions of one map. */
export function conditionsOf(map: Readonly<Record<string, unknown>>, tags: Tags): readonly Condition<Operand>[] {
  return Object.entries(map).map(
    ([tag, raw]) => buildCondition(tag, raw, tags.get(tag)?.count !== undefined).condition,
  );
}
