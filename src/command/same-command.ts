import type { Value } from "../device/quality.ts";
import { sameValue } from "../scan/image/process-image.ts";
import type { Command } from "./command.ts";

/** Whether two commands of one id ask for the same: the same values of the same tags, in the same order. */
export function sameCommand(one: Command, other: Command): boolean {
  if ("set" in one) return "set" in other && samePairs(one.set, other.set);
  if ("arm" in one) return "arm" in other && one.arm === other.arm;
  return "call" in other && one.call === other.call && one.armed === other.armed && samePairs(one.args, other.args);
}

type Pairs = readonly (readonly [name: string, value: Value])[];

function samePairs(one: Pairs, other: Pairs): boolean {
  return (
    one.length === other.length &&
    one.every(([name, value], at) => name === other[at]?.[0] && sameValue(value, other[at][1]))
  );
}
