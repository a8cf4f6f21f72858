import type { Line } from "../bus/line.ts";
import type { Plant } from "../config/plant.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import type { HealthPolicy } from "../device/health.ts";
import { tagCodec } from "../device/tag-codec.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Clock } from "../kit/clock.ts";
import type { LogFields, Logger } from "../kit/logger.ts";
import { type Instant, ms, type Ms } from "../kit/time.ts";
import { describeFailure, type Failure } from "../modbus/failure.ts";
import { entriesOf, formatBlock } from "../plan/read-block.ts";
import type { ScanPlan } from "../plan/scan-plan.ts";
import { Arrivals } from "./arrivals.ts";
import type { BlockPart } from "./block-slot.ts";
import { CycleRecorder } from "./cycle-recorder.ts";
import type { CycleReport, CycleStatistics } from "./cycle-report.ts";
import type { DeviceRun } from "./device-run.ts";
import { DeviceRuns } from "./device-runs.ts";
import { Heartbeats } from "./heartbeats.ts";
import { maxAges } from "./max-age.ts";
import { Outputs } from "./outputs.ts";
import type { Permit } from "./permit.ts";
import { type InputImage, ProcessImage } from "./process-image.ts";
import type { ScanSink } from "./scan-sink.ts";

export interface ScanEngineOptions {
  readonly plant: Plant;
  readonly entries: readonly TagEntry[];
  readonly plan: ScanPlan;
  readonly lines: ReadonlyMap<string, Line>;
  readonly clock: Clock;
  readonly permit: Permit;
  readonly health: HealthPolicy;
  readonly logger: Logger;
  readonly sink: ScanSink;
}

/** Something that runs in every cycle on the frozen image: commands, later programs and jobs. */
export type ControlStep = (now: Instant) => void;

/** One turn of the grid, as the pacemaker calls it. */
export interface CycleTurn {
  readonly cycle: number;
  readonly lateness: Ms;
  readonly skipped: number;
}

/** The scan: latch, control, output, input, once per cycle; reads are answered while the thread is free. */
export class ScanEngine {
  readonly image: InputImage;
  readonly outputs: Outputs;
  readonly #options: ScanEngineOptions;
  readonly #image: ProcessImage;
  readonly #arrivals: Arrivals;
  readonly #runs: DeviceRuns;
  readonly #heartbeats: Heartbeats;
  readonly #control: ControlStep[] = [];
  readonly #recorder: CycleRecorder;
  readonly #downSince = new Map<Line, Instant>();
  readonly #blockNumbers = new Map<BlockPart, number>();
  #blocksChanged = true;

  constructor(options: ScanEngineOptions) {
    const { entries, plant } = options;
    const codecs = entries.map((entry) => tagCodec(entry.tag));
    this.#options = options;
    this.#image = new ProcessImage(entries, maxAges(entries, plant.scan.classes));
    this.image = this.#image;
    this.#arrivals = new Arrivals(codecs);
    this.#runs = new DeviceRuns({
      ...options,
      devices: [...plant.devices.values()],
      onAnswer: (run, part, exchange) => {
        this.#arrivals.read(part, exchange);
        run.answered(part);
      },
      onRefused: (run, part, failure) => this.#refused(run, part, failure),
    });
    this.#heartbeats = new Heartbeats(entries);
    this.#recorder = new CycleRecorder(plant.scan.period);
    this.outputs = new Outputs({ ...options, codecs, statusOf: (device) => this.#runs.get(device).status.status });
  }

  /** Adds a step to the control phase of every cycle. */
  onControl(step: ControlStep): void {
    this.#control.push(step);
  }

  status(device: string): DeviceStatus | undefined {
    return this.#runs.find(device)?.status;
  }

  /** Takes a device out of service, or back; false when there is none of that name. */
  setService(device: string, enabled: boolean): boolean {
    const run = this.#runs.find(device);
    run?.setService(enabled);
    return run !== undefined;
  }

  /** Reads on-demand tags at the next input phase. */
  demand(device: string, tags: ReadonlySet<string>): void {
    this.#runs.find(device)?.demand(tags);
  }

  /** Tells the sink everything again, for a listener that starts afresh. */
  resend(): void {
    this.#image.touchAll();
    this.#blocksChanged = true;
    for (const run of this.#runs) this.#options.sink.device(run.status);
  }

  takeStatistics(): CycleStatistics {
    return this.#recorder.take();
  }

  /** Runs one cycle. */
  cycle(turn: CycleTurn): CycleReport {
    const { clock } = this.#options;
    const started = clock.now();
    this.#latch(turn.cycle, started);
    const latched = clock.now();
    this.#controlPhase(latched);
    const controlled = clock.now();
    const writes = this.outputs.flush();
    const written = clock.now();
    const blocksPlanned = this.#inputPhase(turn.cycle);
    const report = {
      ...turn,
      ...this.#takeCounts(),
      latch: ms(latched - started),
      control: ms(controlled - latched),
      output: ms(written - controlled),
      input: ms(clock.now() - written),
      blocksPlanned,
      writes,
    };
    this.#recorder.record(report);
    return report;
  }

  #latch(cycle: number, now: Instant): void {
    const reads = this.#arrivals.apply(this.#image);
    this.#watchLines(now);
    for (const run of this.#runs) this.#judge(run, now);
    this.#image.age(now);
    this.#announceBlocks();
    const samples = this.#image.takeChanged().map((tag) => ({ tag, ...this.#image.sample(tag) }));
    const renewed = reads.flatMap(({ part, at }) => {
      const block = this.#blockNumbers.get(part);
      return block === undefined ? [] : [{ block, sourceTime: at }];
    });
    if (samples.length + renewed.length > 0) this.#options.sink.samples({ kind: "samples", cycle, samples, renewed });
  }

  #controlPhase(now: Instant): void {
    for (const step of this.#control) step(now);
    this.#heartbeats.step(now, this.outputs);
    this.outputs.step(this.#image);
  }

  #inputPhase(cycle: number): number {
    let planned = 0;
    for (const { run, slot, period, phase } of this.#runs.turns) {
      if (cycle % period !== phase || !run.scanned) continue;
      for (const part of slot.parts) run.reader.due(part);
      planned += slot.parts.length;
    }
    for (const run of this.#runs) {
      if (!run.scanned) run.probe();
      else for (const part of run.extraParts()) run.reader.due(part);
    }
    return planned;
  }

  #watchLines(now: Instant): void {
    for (const line of this.#options.lines.values()) {
      if (line.state.state === "up") this.#downSince.delete(line);
      else if (!this.#downSince.has(line)) this.#downSince.set(line, now);
    }
  }

  #judge(run: DeviceRun, now: Instant): void {
    if (run.expireRefusals(now)) this.#blocksChanged = true;
    const change = run.judge(now, this.#downSince.get(run.reader.line));
    if (!change) return;
    const { from, to } = change;
    if (to.status === "offline" || to.status === "disabled") {
      for (const entry of run.entries) this.#image.lose(entry.index, to.status);
    }
    const away = from.status === "offline" || from.status === "disabled";
    if (away && (to.status === "online" || to.status === "degraded")) this.#returned(run);
    this.#options.sink.device(to);
    if (to.status !== from.status) this.#tell(`device.${to.status}`, { device: to.device, reason: to.reason });
  }

  #returned(run: DeviceRun): void {
    run.startAfresh();
    this.#blocksChanged = true;
    this.outputs.returned(run.device);
  }

  #refused(run: DeviceRun, part: BlockPart, failure: Failure): readonly BlockPart[] {
    const smaller = part.slot.refuse(part, this.#options.clock.now());
    this.#blocksChanged = true;
    if (smaller.length > 0) return smaller;
    const entries = entriesOf(part.block);
    const tags = entries.map((entry) => entry.tag.name).join(", ");
    const reason = describeFailure(failure);
    this.#arrivals.refused(entries);
    this.#tell("tag.refused", { device: run.device.name, tags, at: formatBlock(part.block), reason });
    return [];
  }

  #announceBlocks(): void {
    if (!this.#blocksChanged) return;
    this.#blocksChanged = false;
    this.#blockNumbers.clear();
    const parts = [...this.#runs].flatMap((run) => run.slots.flatMap((slot) => slot.parts));
    parts.forEach((part, number) => this.#blockNumbers.set(part, number));
    this.#options.sink.blocks(parts.map((part) => entriesOf(part.block).map((entry) => entry.index)));
  }

  #takeCounts(): { readonly blocksDone: number; readonly blocksMissed: number } {
    let blocksDone = 0;
    let blocksMissed = 0;
    for (const reader of this.#runs.readers) {
      const { done, missed } = reader.takeCounts();
      blocksDone += done;
      blocksMissed += missed;
    }
    return { blocksDone, blocksMissed };
  }

  #tell(event: string, fields: LogFields): void {
    const { logger, sink, clock } = this.#options;
    logger.info(event, fields);
    sink.event({ event, at: clock.now(), fields });
  }
}
