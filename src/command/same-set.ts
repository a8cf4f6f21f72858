import { sameValue } from "../scan/process-image.ts";
import type { SetCommand } from "./command.ts";

/** Whether two commands ask for the same: the same values of the same tags, in the same order. */
export function sameSet(one: SetCommand["set"], other: SetCommand["set"]): boolean {
  return (
    one.length === other.length &&
    one.every(([tag, value], at) => tag === other[at]?.[0] && sameValue(value, other[at][1]))
  );
}
