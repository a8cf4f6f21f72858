import { argumentFault } from "../device/check-command.ts";
import { stepsTime } from "../device/command-time.ts";
import { type Condition, mapTest } from "../device/condition.ts";
import type { CommandStep, DeviceCommand } from "../device/device-command.ts";
import { didYouMean } from "../device/did-you-mean.ts";
import { bindOperand, type Operand } from "../device/operand.ts";
import type { Value } from "../device/quality.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { err, ok, type Result } from "../kit/result.ts";
import type { Ms } from "../kit/time.ts";
import { showCondition } from "../scan/image/condition-fault.ts";
import type { Action, RunRules } from "./command-run.ts";
import type { Part } from "./write-sequence.ts";

/** A step with its arguments put in. */
export type BoundStep =
  | { readonly kind: "write"; readonly parts: readonly Part[] }
  | {
      readonly kind: "expect";
      readonly conditions: readonly Condition[];
      readonly within: Ms;
      readonly seldom: boolean;
    }
  | { readonly kind: "wait"; readonly span: Ms };

/** A command with its arguments, ready to run. */
export interface BoundCall {
  readonly command: DeviceCommand;
  readonly requires: readonly Condition[];
  readonly steps: readonly BoundStep[];
  readonly otherwise: readonly BoundStep[];
  readonly rules: RunRules;
}

type Entries = ReadonlyMap<string, TagEntry>;

/** Puts the arguments in; the failure says which is missing, unknown or wrong. */
export function bindCall(
  command: DeviceCommand,
  given: readonly (readonly [arg: string, value: Value])[],
  entries: Entries,
): Result<BoundCall, string> {
  const args = bindArgs(command, given);
  if (!args.ok) return args;
  const bind = (operand: Operand): Value => bindOperand(operand, args.value);
  const bound = (condition: Condition<Operand>): Condition => ({
    tag: condition.tag,
    test: mapTest(condition.test, bind),
  });
  const steps = bindSteps(command.steps, { entries, bind, bound });
  const otherwise = bindSteps(command.otherwise, { entries, bind, bound });
  if (!steps.ok) return steps;
  if (!otherwise.ok) return otherwise;
  const tags = new Map([...entries].map(([name, { tag }]) => [name, tag]));
  const rules: RunRules = {
    steps: { actions: steps.value.map(actionOf), limit: stepsTime(command.steps, tags) },
    otherwise: { actions: otherwise.value.map(actionOf), limit: stepsTime(command.otherwise, tags) },
  };
  const requires = command.requires.map(bound);
  return ok({ command, requires, steps: steps.value, otherwise: otherwise.value, rules });
}

function bindArgs(
  { args, name: command }: DeviceCommand,
  given: readonly (readonly [arg: string, value: Value])[],
): Result<ReadonlyMap<string, Value>, string> {
  const values = new Map<string, Value>();
  for (const [name, value] of given) {
    const arg = args.get(name);
    if (!arg) {
      const known = args.size === 0 ? "it takes none" : didYouMean(name, [...args.keys()]);
      return err(`${command}: unknown argument "${name}"; ${known}`);
    }
    const fault = argumentFault(arg, value);
    if (fault !== undefined) return err(`${name} ${fault}`);
    values.set(name, value);
  }
  for (const { name, default: usual } of args.values()) {
    if (values.has(name)) continue;
    if (usual === undefined) return err(`${command}: argument "${name}" is missing`);
    values.set(name, usual);
  }
  return ok(values);
}

interface Binding {
  readonly entries: Entries;
  readonly bind: (operand: Operand) => Value;
  readonly bound: (condition: Condition<Operand>) => Condition;
}

function bindSteps(
  steps: readonly CommandStep[],
  { entries, bind, bound }: Binding,
): Result<readonly BoundStep[], string> {
  const done: BoundStep[] = [];
  for (const step of steps) {
    if (step.kind === "wait") done.push(step);
    else if (step.kind === "expect") done.push({ ...step, conditions: step.conditions.map(bound) });
    else {
      const parts: Part[] = [];
      for (const { tag, value } of step.writes) {
        const entry = entries.get(tag);
        if (!entry) return err(`its profile writes ${tag}, which the device does not have`);
        parts.push({ entry, value: bind(value) });
      }
      done.push({ kind: "write", parts });
    }
  }
  return ok(done);
}

function actionOf(step: BoundStep): Action {
  if (step.kind !== "expect") return step.kind === "wait" ? step : { kind: "write" };
  return { kind: "expect", wanted: step.conditions.map(showCondition).join(", "), within: step.within };
}
