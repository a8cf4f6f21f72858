import type { AlarmCondition } from "../device/alarm.ts";
import type { Condition } from "../device/condition.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { conditionFault } from "../scan/image/condition-fault.ts";
import type { InputImage } from "../scan/image/process-image.ts";
import type { Cause } from "./alarm-machine.ts";

export interface CauseView {
  readonly image: InputImage;
  /** The tags of the alarm's device. */
  readonly find: (tag: string) => TagEntry | undefined;
}

/** The cause of one alarm: all its conditions at once, each with its own hysteresis. */
export class AlarmCause {
  readonly #conditions: readonly (Condition & { readonly released: Condition })[];
  readonly #view: CauseView;
  /** Conditions that held when they were last known. */
  readonly #held = new Set<Condition>();

  constructor(conditions: readonly AlarmCondition[], view: CauseView) {
    this.#conditions = conditions.map((condition) => ({ ...condition, released: widened(condition) }));
    this.#view = view;
  }

  /** On the image as it is now. One condition known not to hold is enough to know that the cause is gone. */
  look(): Cause {
    let cause: Cause = "standing";
    for (const condition of this.#conditions) {
      const test = this.#held.has(condition) ? condition.released : condition;
      const fault = conditionFault(test, this.#view);
      if (!fault) this.#held.add(condition);
      else if (fault.known) {
        this.#held.delete(condition);
        cause = "gone";
      } else if (cause === "standing") cause = "unknown";
    }
    return cause;
  }
}

/** The condition that a value has to break before one that held does no more. */
function widened({ tag, test, deadband }: AlarmCondition): Condition {
  if (test.kind !== "between" || deadband === 0) return { tag, test };
  const above = test.above === undefined ? undefined : Number(test.above) - deadband;
  const below = test.below === undefined ? undefined : Number(test.below) + deadband;
  return { tag, test: { kind: "between", above, below } };
}
