import type { ArgFile, CommandFile, StepFile } from "./command-schema.ts";
import { checkConditions, type ConditionSurroundings, operandFault } from "./check-condition.ts";
import { impossible, outOfRange } from "./check-write.ts";
import type { CommandArg, DeviceCommand } from "./device-command.ts";
import { didYouMean } from "./did-you-mean.ts";
import { about, type Finding } from "./finding.ts";
import { argsOf, buildOperand, type Operand } from "./operand.ts";
import type { Value } from "./quality.ts";
import type { Tag } from "./tag.ts";

export interface CommandSurroundings {
  /** Those that are sound by themselves. */
  readonly tags: ReadonlyMap<string, Tag>;
  /** Of all tags. */
  readonly names: readonly string[];
}

/** What makes no sense in a command beyond its form; paths begin at the command. */
export function checkCommand(
  command: DeviceCommand,
  file: CommandFile,
  surroundings: CommandSurroundings,
): readonly Finding[] {
  const judge = (operand: Operand, tag: Tag): string | undefined => argFault(operand, tag, command);
  const seen: ConditionSurroundings = { ...surroundings, judge };
  const required = (file.requires ?? []).flatMap((map, index) =>
    about(["requires", index], "requires", checkConditions(map, seen)),
  );
  return [
    ...[...command.args.values()].flatMap((arg) =>
      about(["args", arg.name], `argument ${arg.name}`, checkArg(arg, file.args?.[arg.name])),
    ),
    ...checkUse(command, file),
    ...required,
    ...file.steps.flatMap((step, index) => about(["steps", index], `step ${index + 1}`, checkStep(step, seen))),
    ...(file.otherwise ?? []).flatMap((step, index) =>
      about(["otherwise", index], "otherwise", [...checkStep(step, seen), ...checkOtherwise(step)]),
    ),
  ];
}

function checkArg(arg: CommandArg, file: ArgFile | undefined): readonly Finding[] {
  const isNumber = arg.type === "number" || arg.type === "integer";
  const findings: Finding[] = [];
  if (file?.range && !isNumber)
    findings.push({ path: ["range"], message: `range is for numbers; this is ${arg.type}` });
  if (file?.values && arg.type !== "enum") {
    findings.push({ path: ["values"], message: "values are for type: enum", hint: "leave type away" });
  }
  if (arg.type === "enum" && arg.values.length === 0) {
    findings.push({ path: ["type"], message: "an enum needs its values", hint: "add values: [left, right]" });
  }
  if (findings.length > 0 || arg.default === undefined) return findings;
  const fault = argumentFault(arg, arg.default);
  return fault === undefined ? [] : [{ path: ["default"], message: `default ${fault}` }];
}

/** Why an argument cannot have this value, to be read after its name; undefined when it can. */
export function argumentFault({ type, range, values, unit }: CommandArg, value: unknown): string | undefined {
  const shown = typeof value === "object" ? "a list or a map" : JSON.stringify(value);
  switch (type) {
    case "bool":
      return typeof value === "boolean" ? undefined : `takes true or false, not ${shown}`;
    case "string":
      return typeof value === "string" ? undefined : `takes text, not ${shown}`;
    case "enum":
      return values.some((each) => each === value) ? undefined : `takes ${values.join(", ")}, not ${shown}`;
    case "number":
    case "integer":
      if (typeof value !== "number" || !Number.isFinite(value)) return `takes a number, not ${shown}`;
      if (type === "integer" && !Number.isInteger(value)) return `takes a whole number, not ${shown}`;
      if (!range || (value >= range.min && value <= range.max)) return undefined;
      return `${value} is outside ${range.min} to ${range.max}${unit === undefined ? "" : ` ${unit}`}`;
  }
}

/** Arguments that nothing uses, and those that are used and not declared. */
function checkUse({ args }: DeviceCommand, file: CommandFile): readonly Finding[] {
  const used = usedArgs(file);
  const unused = [...args.keys()].filter((name) => !used.some(({ arg }) => arg === name));
  const unknown = used.filter(({ arg }) => !args.has(arg));
  return [
    ...unused.map((name) => ({
      path: ["args", name],
      message: `argument ${name}: no step uses it`,
      hint: `write { tag: $${name} }`,
      atKey: true,
    })),
    ...unknown.map(({ arg, path }) => {
      const hint = args.size === 0 ? "declare it under args" : didYouMean(arg, [...args.keys()]);
      return { path, message: `unknown argument "$${arg}"`, hint };
    }),
  ];
}

interface UsedArg {
  readonly arg: string;
  readonly path: readonly PropertyKey[];
}

function usedArgs({ requires = [], steps, otherwise = [] }: CommandFile): readonly UsedArg[] {
  const inMap = (path: readonly PropertyKey[], map: Readonly<Record<string, unknown>> = {}): readonly UsedArg[] =>
    Object.entries(map).flatMap(([tag, raw]) => argNames(raw).map((arg) => ({ arg, path: [...path, tag] })));
  const inSteps = (key: string, list: readonly StepFile[]): readonly UsedArg[] =>
    list.flatMap(({ write, expect }, index) => [
      ...inMap([key, index, "write"], write),
      ...inMap([key, index, "expect"], expect),
    ]);
  return [
    ...requires.flatMap((map, index) => inMap(["requires", index], map)),
    ...inSteps("steps", steps),
    ...inSteps("otherwise", otherwise),
  ];
}

/** In a value, in a list, and inside the map of a condition. */
function argNames(raw: unknown): readonly string[] {
  if (typeof raw !== "object" || raw === null) return argsOf(buildOperand(raw));
  return Object.values(raw).flatMap(argNames);
}

function checkStep(step: StepFile, surroundings: ConditionSurroundings): readonly Finding[] {
  const given = (["write", "expect", "wait"] as const).filter((key) => step[key] !== undefined);
  const hint = "as in { write: { run: true } }, { expect: { running: true }, within: 2s } or { wait: 200ms }";
  if (given.length !== 1) {
    const message = given.length === 0 ? "does nothing" : `does ${given.join(" and ")} at once; make them two steps`;
    return [{ path: [], message, hint }];
  }
  if (step.expect && step.within === undefined)
    return [{ path: ["expect"], message: `"within" is missing`, hint: "add within: 2s" }];
  if (!step.expect && step.within !== undefined)
    return [{ path: ["within"], message: "within goes with expect", hint: "a pause is wait: 200ms" }];
  if (step.expect) return about(["expect"], "expect", checkConditions(step.expect, surroundings));
  return step.write ? about(["write"], "write", checkWrites(step.write, surroundings)) : [];
}

/** What is done in distress has to end by itself. */
function checkOtherwise({ expect }: StepFile): readonly Finding[] {
  return expect ? [{ path: ["expect"], message: "otherwise only writes and waits" }] : [];
}

function checkWrites(
  write: Readonly<Record<string, unknown>>,
  { tags, names, judge }: ConditionSurroundings,
): readonly Finding[] {
  if (Object.keys(write).length === 0) return [{ path: [], message: "names no tag", hint: "as in { run: true }" }];
  return Object.entries(write).flatMap(([name, raw]): readonly Finding[] => {
    if (!names.includes(name)) {
      return [{ path: [name], message: `unknown tag "${name}"`, hint: didYouMean(name, names), atKey: true }];
    }
    const tag = tags.get(name);
    if (!tag) return [];
    if (!tag.write)
      return [{ path: [name], message: `${name} is not writable`, hint: "give it a write rule", atKey: true }];
    const operand = buildOperand(raw);
    const literal = operand.kind === "value" ? outOfRange(operand.value, tag.write) : undefined;
    const fault = operandFault(operand, tag) ?? literal ?? judge?.(operand, tag);
    return fault === undefined ? [] : [{ path: [name], message: `${name} ${fault}` }];
  });
}

/** Why what a caller may give for the argument would not suit the tag; undefined: it does, or nobody can say before. */
function argFault(operand: Operand, tag: Tag, { args }: DeviceCommand): string | undefined {
  if (operand.kind === "list") return listFault(operand.items, tag, args);
  const arg = operand.kind === "arg" ? args.get(operand.arg) : undefined;
  if (!arg) return undefined;
  const samples = samplesOf(arg, tag);
  const fault = firstFault(samples, (sample) => impossible(tag, sample) ?? beyond(sample, tag));
  return fault === undefined ? undefined : `${fault} (as $${arg.name} may be)`;
}

function listFault(items: readonly Operand[], tag: Tag, args: DeviceCommand["args"]): string | undefined {
  if (tag.count === undefined) return "takes one value, not an array";
  if (items.length !== tag.count) return `takes ${tag.count} values, not ${items.length}`;
  const single = { ...tag, count: undefined };
  return items
    .map((item) => {
      if (item.kind === "value") return impossible(single, item.value) ?? beyond(item.value, tag);
      const arg = item.kind === "arg" ? args.get(item.arg) : undefined;
      const fault =
        arg && firstFault(samplesOf(arg, tag), (sample) => impossible(single, sample) ?? beyond(sample, tag));
      return fault === undefined ? undefined : `${fault} (as $${arg?.name ?? ""} may be)`;
    })
    .find((fault) => fault !== undefined);
}

function beyond(value: Value, { write }: Tag): string | undefined {
  return write && outOfRange(value, write);
}

function firstFault(samples: readonly Value[], fault: (sample: Value) => string | undefined): string | undefined {
  return samples.map(fault).find((each) => each !== undefined);
}

/** Values that stand for all that a caller may give. */
function samplesOf({ type, range, values, default: usual }: CommandArg, tag: Tag): readonly Value[] {
  const own = usual === undefined ? [] : [usual];
  switch (type) {
    case "bool":
      return [true];
    case "enum":
      return values;
    case "number":
    case "integer":
      return range ? [range.min, range.max, ...own] : [...own, tag.write?.range?.min ?? 0].slice(0, 1);
    case "string":
      return own;
  }
}
