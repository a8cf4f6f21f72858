import type { Value } from "../../../src/device/quality.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { ms, plus } from "../../../src/kit/time.ts";
import { Program, type ProgramBody } from "../../../src/scan/program/program.ts";
import { plantPoints } from "../../../src/scan/program/plant-points.ts";
import type { LoadedProgram } from "../../../src/scan/program/program-run.ts";
import { Programs } from "../../../src/scan/program/programs.ts";
import type { RetainedValues } from "../../../src/scan/program/retained-values.ts";
import type { Permit } from "../../../src/scan/outputs/permit.ts";
import { ScanBench } from "./scan-bench.ts";

/** A program as if it had been loaded from a file. */
export function loaded<Io extends object>(
  body: ProgramBody<Io, Record<string, Value>> | Program,
  settings: Partial<LoadedProgram> = {},
): LoadedProgram {
  // whoever writes the test knows the tags of its plant
  const program = body instanceof Program ? body : new Program(body as ProgramBody, {});
  const defaults = { name: "test", every: ms(20), grace: ms(500), budget: ms(4), locate: () => undefined };
  return { ...defaults, program, ...settings };
}

/** A scan bench with programs in its control phase. */
export class ProgramRig extends ScanBench {
  readonly programs: Programs;
  /** `level event field=value …` */
  readonly told: string[] = [];
  /** The newest cause of each alarm of a program. */
  readonly causes = new Map<string, boolean | undefined>();
  /** What the programs' own runs have taken, as their clock sees it: virtual time stands still while they run. */
  taken = ms(0);

  constructor(
    plant: Plant,
    programs: readonly LoadedProgram[],
    { retained, ...options }: { readonly permit?: Permit; readonly retained?: RetainedValues } = {},
  ) {
    super(plant, options);
    const { entries, clock } = this;
    const { image, outputs } = this.engine;
    this.programs = new Programs({
      programs,
      points: plantPoints({ entries, image, outputs, clock }),
      clock: { now: () => plus(clock.now(), this.taken), wall: () => clock.wall() },
      period: plant.scan.period,
      isClosing: () => outputs.closing,
      openAlarm: ({ name }) => ({ set: (cause) => void this.causes.set(name, cause) }),
      tell: (level, event, fields) => {
        const words = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
        this.told.push([level, event, ...words].join(" "));
      },
      ...(retained && { retained }),
    });
    this.engine.onControl((now) => this.programs.step(now));
  }

  state(program = "test"): string {
    return this.programs.states.get(program)?.state ?? "none";
  }
}
