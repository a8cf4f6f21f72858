import type { TagEntry } from "../../device/tag-table.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Logger } from "../../kit/logger.ts";
import type { Ms } from "../../kit/time.ts";
import type { ScanEngine } from "../../scan/engine.ts";
import type { OpenAlarm } from "../../scan/program/program-alarms.ts";
import { plantPoints } from "../../scan/program/plant-points.ts";
import type { ProgramPool } from "../../scan/program/program-jobs.ts";
import type { LoadedProgram } from "../../scan/program/program-run.ts";
import { Programs } from "../../scan/program/programs.ts";
import type { RetainedValues } from "../../scan/program/retained-values.ts";
import type { ScanSink } from "../../scan/scan-sink.ts";

export interface PlantProgramsOptions {
  readonly programs: readonly LoadedProgram[];
  readonly entries: readonly TagEntry[];
  readonly engine: ScanEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sink: Pick<ScanSink, "event">;
  /** Of the scan. */
  readonly period: Ms;
  readonly retained?: RetainedValues;
  readonly openAlarm?: OpenAlarm;
  readonly pools?: ReadonlyMap<string, ProgramPool>;
}

/** Puts the programs of a plant into its scan, behind the control steps there are; what happens to them goes to log and MQTT. */
export function plantPrograms({ entries, engine, logger, sink, ...options }: PlantProgramsOptions): Programs {
  const { clock } = options;
  const { image, outputs } = engine;
  const programs = new Programs({
    ...options,
    points: plantPoints({ entries, image, outputs, clock }),
    isClosing: () => outputs.closing,
    tell(level, event, fields) {
      logger[level](event, fields);
      sink.event({ event, at: clock.now(), fields });
    },
  });
  engine.onControl((now) => programs.step(now));
  return programs;
}
