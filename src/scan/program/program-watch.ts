import { ms } from "../../kit/time.ts";
import type { AlarmCauseSetter, OWN_ALARMS, OpenAlarm } from "./program-alarms.ts";
import type { ProgramState } from "./program-state.ts";

/** The alarms that every program has: it stopped, it does not see, it takes too long. */
export class ProgramWatch {
  readonly #alarms: Readonly<Record<(typeof OWN_ALARMS)[number], AlarmCauseSetter>>;

  constructor(program: string, open: OpenAlarm) {
    const of = (name: string, priority: "low" | "medium" | "high", text: string): AlarmCauseSetter => {
      const rule = { name: `${program}.${name}`, text, priority, after: ms(0), clearAfter: ms(0), latch: false };
      const alarm = open(rule);
      alarm.set(false);
      return alarm;
    };
    this.#alarms = {
      stopped: of("stopped", "high", `Program ${program} made a mistake and does not run any more`),
      blind: of("blind", "medium", `Program ${program} does not see its inputs; its outputs are safe`),
      overBudget: of("overBudget", "low", `Program ${program} takes longer than its budget`),
    };
  }

  became(state: ProgramState): void {
    this.#alarms.stopped.set(state.state === "stopped");
    this.#alarms.blind.set(state.state === "blind" && state.safe);
  }

  tookTooLong(over: boolean): void {
    this.#alarms.overBudget.set(over);
  }
}
