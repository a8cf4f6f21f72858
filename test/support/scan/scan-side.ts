import type { CommandResult } from "../../../src/command/command.ts";
import { CommandExecutor } from "../../../src/command/executor.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { type TagEntry, tagTable } from "../../../src/device/tag-table.ts";
import type { Line } from "../../../src/bus/line/line.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Logger } from "../../../src/kit/logger.ts";
import { scanPlan } from "../../../src/plan/scan-plan.ts";
import type { CycleReport } from "../../../src/scan/cycle/cycle-report.ts";
import { ScanEngine } from "../../../src/scan/engine.ts";
import { NO_LAST_STRETCH, Pacemaker } from "../../../src/scan/cycle/pacemaker.ts";
import type { Permit } from "../../../src/scan/outputs/permit.ts";
import type { ScanSink } from "../../../src/scan/scan-sink.ts";

export interface ScanSideOptions {
  readonly plant: Plant;
  readonly lines: ReadonlyMap<string, Line>;
  readonly clock: Clock;
  readonly permit: Permit;
  readonly logger: Logger;
  readonly sink: ScanSink;
  readonly answered: (result: CommandResult) => void;
  readonly cycled: (report: CycleReport) => void;
}

/** The whole scan side as the composition root builds it, without the link to an office: plan, engine, commands, pace. */
export interface ScanSide {
  readonly entries: readonly TagEntry[];
  readonly engine: ScanEngine;
  readonly executor: CommandExecutor;
  readonly pacemaker: Pacemaker;
}

export function scanSide({ answered, cycled, ...options }: ScanSideOptions): ScanSide {
  const { plant, clock } = options;
  const entries = tagTable(plant.devices.values());
  const engine = new ScanEngine({ ...options, entries, plan: scanPlan(plant, entries) });
  const executor = new CommandExecutor({
    entries,
    outputs: engine.outputs,
    image: engine.image,
    clock,
    roleOf: () => "engineer",
    answer: answered,
    audit: (fields) => engine.audit(fields),
  });
  engine.onControl(() => executor.step());
  const pacemaker = new Pacemaker({
    clock,
    period: plant.scan.period,
    lastStretch: NO_LAST_STRETCH,
    run: (turn) => cycled(engine.cycle(turn)),
  });
  return { entries, engine, executor, pacemaker };
}
