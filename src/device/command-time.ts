import { type Ms, ms } from "../kit/time.ts";
import type { CommandStep, DeviceCommand } from "./device-command.ts";
import { effectTime } from "./effect-time.ts";
import type { Tag } from "./tag.ts";

/** A write after the first has to leave within this. */
export const STEP_SEND_BY = ms(1000);

const MARGIN = ms(2000);

type Tags = ReadonlyMap<string, Tag>;

/** How long the steps may take at most, from when the first of them begins. */
export function stepsTime(steps: readonly CommandStep[], tags: Tags): Ms {
  return ms(steps.reduce((sum: number, step) => sum + stepTime(step, tags), MARGIN));
}

/** How long a command may take at most once it was begun, with what it does otherwise. */
export function commandTime({ steps, otherwise }: DeviceCommand, tags: Tags): Ms {
  return ms(stepsTime(steps, tags) + (otherwise.length > 0 ? stepsTime(otherwise, tags) : 0));
}

function stepTime(step: CommandStep, tags: Tags): number {
  switch (step.kind) {
    case "expect":
      return step.within;
    case "wait":
      return step.span;
    case "write":
      return step.writes.reduce((sum, { tag }) => {
        const rule = tags.get(tag)?.write;
        return sum + STEP_SEND_BY + (rule ? effectTime(rule) : 0);
      }, 0);
  }
}
