import { type Condition, formatCondition } from "../../device/condition.ts";
import type { Sample, Value } from "../../device/quality.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Instant } from "../../kit/time.ts";
import { agrees } from "./agreement.ts";
import type { InputImage } from "./process-image.ts";

/** Why a condition does not hold. */
export interface ConditionFault {
  /** `jam is true`, `jam is not known (offline)` */
  readonly reason: string;
  /** The input is good: it does not hold. Otherwise nobody knows. */
  readonly known: boolean;
}

/**
 * Why a condition does not hold, on a good input that is no older than `since`; undefined: it holds. `find` gives the tags
 * of its device.
 */
export function conditionFault(
  { tag, test }: Condition,
  view: {
    readonly image: InputImage;
    readonly find: (tag: string) => TagEntry | undefined;
    readonly since?: Instant | undefined;
  },
): ConditionFault | undefined {
  const entry = view.find(tag);
  const sample = entry && view.image.sample(entry.index);
  if (sample?.quality !== "good" || sample.value === null)
    return { reason: `${tag} is not known (${sample?.reason ?? "no such tag"})`, known: false };
  if (view.since !== undefined && !isSince(sample, view.since))
    return { reason: `${tag} has not been read since`, known: false };
  return meets(test, sample.value) ? undefined : { reason: `${tag} is ${showValue(sample.value)}`, known: true };
}

function isSince({ sourceTime }: Sample, since: Instant): boolean {
  return sourceTime !== undefined && sourceTime >= since;
}

function meets(test: Condition["test"], value: Value): boolean {
  switch (test.kind) {
    case "is":
      return test.any.some((wanted) => agrees(wanted, value, 0));
    case "not":
      return !test.none.some((unwanted) => agrees(unwanted, value, 0));
    case "near":
      return agrees(test.value, value, test.tolerance);
    case "between":
      return (
        (test.above === undefined || compare(value, test.above) > 0) &&
        (test.below === undefined || compare(value, test.below) < 0)
      );
  }
}

/** Below 0, 0 or above 0; NaN where the two are no numbers. */
function compare(one: Value, other: Value): number {
  return Number(one) - Number(other);
}

export function showCondition(condition: Condition): string {
  return formatCondition(condition, showValue);
}

function showValue(value: Value): string {
  return typeof value === "object" ? `[${value.join(", ")}]` : String(value);
}
