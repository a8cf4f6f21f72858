import type { Clock } from "../../kit/clock.ts";
import type { Instant, Ms } from "../../kit/time.ts";
import { type OpenAlarm, unheard } from "./program-alarms.ts";
import type { ProgramPoint } from "./program-point.ts";
import type { ProgramPool } from "./program-jobs.ts";
import { type LoadedProgram, ProgramRun, type TellProgram } from "./program-run.ts";
import type { ProgramState } from "./program-state.ts";
import { forgetful, type RetainedValues } from "./retained-values.ts";

export interface ProgramsOptions {
  readonly programs: readonly LoadedProgram[];
  readonly points: readonly ProgramPoint[];
  readonly clock: Pick<Clock, "now" | "wall">;
  /** Of the scan. */
  readonly period: Ms;
  /** Nothing is begun any more: programs rest. */
  readonly isClosing: () => boolean;
  readonly tell: TellProgram;
  readonly retained?: RetainedValues;
  readonly openAlarm?: OpenAlarm;
  /** By name. */
  readonly pools?: ReadonlyMap<string, ProgramPool>;
}

/** The programs of a plant, run in the order of its file in the control phase of every cycle. One output has one of them. */
export class Programs {
  readonly #runs: readonly ProgramRun[];
  readonly #isClosing: () => boolean;
  readonly #owners = new Map<ProgramPoint, string>();

  constructor({ programs, isClosing, ...options }: ProgramsOptions) {
    const around = { ...options, ...defaults(options) };
    this.#isClosing = isClosing;
    this.#runs = programs.map(
      (loaded) => new ProgramRun(loaded, { ...around, claim: (point) => this.#claim(point, loaded.name) }),
    );
  }

  step(now: Instant): void {
    if (this.#isClosing()) return;
    for (const run of this.#runs) run.step(now);
  }

  /** Whether a program is to blame for an error that nobody caught; it is stopped, and everything else goes on. */
  blame(error: unknown): boolean {
    return this.#runs.some((run) => run.blame(error));
  }

  /** By name. */
  get states(): ReadonlyMap<string, ProgramState> {
    return new Map(this.#runs.map(({ name, state }) => [name, state]));
  }

  #claim(point: ProgramPoint, program: string): string | undefined {
    const owner = this.#owners.get(point) ?? program;
    this.#owners.set(point, owner);
    return owner === program ? undefined : owner;
  }
}

/** Where nobody cares: nothing is kept or heard, and there are no pools. */
function defaults({ retained = forgetful, openAlarm = unheard, pools = new Map() }: Partial<ProgramsOptions>) {
  return { retained, openAlarm, pools };
}
