import type { Exchange, Line } from "../bus/line/line.ts";
import { lineWindow } from "../config/plant/line-window.ts";
import type { Plant } from "../config/plant/plant.ts";
import { wireFormat } from "../config/plant/wire-format.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import { tagCodec } from "../device/tag-codec.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Clock } from "../kit/clock.ts";
import type { LogFields, Logger } from "../kit/logger.ts";
import { Scope } from "../kit/scope.ts";
import { type Instant, ms, type Ms } from "../kit/time.ts";
import type { Failure } from "../modbus/failure.ts";
import { formatSerial } from "../modbus/serial-format.ts";
import { entriesOf } from "../plan/read-block.ts";
import type { ScanPlan } from "../plan/scan-plan.ts";
import { writeCostIn } from "../plan/write-cost.ts";
import { Arrivals } from "./lines/arrivals.ts";
import type { BlockPart } from "./lines/block-slot.ts";
import { BootWatch, type Reboot } from "./devices/boot-watch.ts";
import { CycleRecorder } from "./cycle/cycle-recorder.ts";
import type { CycleReport, CycleStatistics } from "./cycle/cycle-report.ts";
import type { DeviceRun, StatusChange } from "./devices/device-run.ts";
import { DeviceRuns, type Turn } from "./devices/device-runs.ts";
import { Heartbeats } from "./outputs/heartbeats.ts";
import { HoleMemory } from "./devices/hole-memory.ts";
import { type Kept, NOTHING_RECALLED, type Recalled } from "./devices/kept.ts";
import { LineWatch } from "./lines/line-watch.ts";
import { maxAges } from "./image/max-age.ts";
import { Outputs } from "./outputs/outputs.ts";
import type { Permit } from "./outputs/permit.ts";
import { type InputImage, ProcessImage } from "./image/process-image.ts";
import { Refusals } from "./outputs/refusals.ts";
import { SampleReport } from "./sample-report.ts";
import type { ScanSink } from "./scan-sink.ts";
import type { UnitReader } from "./lines/unit-reader.ts";
import { WriteBudgets } from "./outputs/write-budgets.ts";

export interface ScanEngineOptions {
  readonly plant: Plant;
  readonly entries: readonly TagEntry[];
  readonly plan: ScanPlan;
  readonly lines: ReadonlyMap<string, Line>;
  readonly clock: Clock;
  readonly permit: Permit;
  readonly logger: Logger;
  readonly sink: ScanSink;
  /** What was kept when the master ended; nothing where it is not given. */
  readonly recalled?: Recalled | undefined;
  /** Has something kept for the next start. */
  readonly keep?: ((kept: Kept) => void) | undefined;
}

interface Due {
  readonly reader: UnitReader;
  readonly part: BlockPart;
}

/** Something that runs in every cycle on the frozen image: commands, programs, jobs. */
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
  readonly #watch: LineWatch;
  readonly #downSince = new Map<Line, Instant>();
  readonly #upSince = new Map<Line, Instant>();
  readonly #boots: BootWatch;
  readonly #report: SampleReport;
  readonly #holes: HoleMemory;
  readonly #refusals = new Refusals();
  readonly #budgets: WriteBudgets;
  readonly #scope = new Scope((error) => (this.#bug ??= { error }));
  #cycle = -1;
  #bug: { readonly error: unknown } | undefined;
  /** The next cycle of each turn; where none is given, its first. */
  readonly #due: number[] = [];

  constructor(options: ScanEngineOptions) {
    const { entries, plant } = options;
    const codecs = entries.map((entry) => tagCodec(entry.tag));
    const devices = [...plant.devices.values()];
    this.#options = options;
    this.#watch = new LineWatch({
      lines: [...options.lines.values()],
      devices,
      now: () => options.clock.now(),
      wires: wiresOf(plant),
      tell: (event, fields) => this.#warn(event, fields),
      publish: (event, fields) => options.sink.event({ event, at: options.clock.now(), fields }),
    });
    this.#image = new ProcessImage(entries, maxAges(entries, plant.scan.classes));
    this.image = this.#image;
    this.#arrivals = new Arrivals(codecs);
    const own = this.#scope.own.bind(this.#scope);
    this.#runs = new DeviceRuns({
      ...options,
      devices,
      period: plant.scan.period,
      settings: plant.lines,
      writesDoneAt: (line) => this.#budgets.doneAt(line),
      windows: new Map([...plant.lines].map(([name, line]) => [name, lineWindow(line)])),
      own,
      tell: (event, fields) => this.#warn(event, fields),
      onHeard: (line, unit, heard) => this.#watch.heard(line, unit, heard),
      onAnswer: (run, part, exchange) => this.#answered(run, part, exchange),
      onRefused: (run, part, failure) => this.#refused(run, part, failure),
    });
    this.#report = new SampleReport(this.#image, this.#runs, options.sink);
    const { recalled = NOTHING_RECALLED, keep = () => undefined, clock } = options;
    this.#holes = new HoleMemory({ runs: this.#runs, recalled: recalled.holes, keep, clock });
    for (const entry of this.#holes.recall()) this.#image.lose(entry.index, "refused");
    this.#heartbeats = new Heartbeats(entries, (event, fields) => this.#tell(event, fields));
    this.#boots = new BootWatch(entries);
    this.#recorder = new CycleRecorder(plant.scan.period);
    this.#budgets = writeBudgets(options);
    this.outputs = new Outputs({
      ...options,
      budgets: this.#budgets,
      costOf: (outputs) => writeCostIn(plant, outputs),
      codecs,
      own,
      audit: (fields) => this.audit(fields),
      warn: (event, fields) => this.#warn(event, fields),
      statusOf: (device) => this.#statusNow(device),
      silentAt: (device) => this.#runs.get(device).reader.silentAt,
      vouches: (device, since) => this.#boots.vouches(device, since, this.#image),
      isSuspected: this.#watch.isSuspected.bind(this.#watch),
    });
  }

  /** Tells who did what, with the cycle in which it ended. */
  audit(fields: LogFields): void {
    this.#tell("audit", { ...fields, cycle: this.#cycle });
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
    run?.setService(enabled, this.#options.clock.now());
    return run !== undefined;
  }

  /** Reads on-demand tags at the next input phase. */
  demand(device: string, tags: ReadonlySet<string>): void {
    this.#runs.find(device)?.demand(tags);
  }

  /** Tells the sink everything again, for a listener that starts afresh. */
  resend(): void {
    this.#image.touchAll();
    this.#report.blocksChanged();
    for (const run of this.#runs) this.#options.sink.device(run.status);
  }

  takeStatistics(): CycleStatistics {
    return this.#recorder.take();
  }

  /** Runs one cycle; throws what went wrong in ours since the last one. */
  cycle(turn: CycleTurn): CycleReport {
    const { clock } = this.#options;
    if (this.#bug) throw this.#bug.error;
    const started = clock.now();
    this.#cycle = turn.cycle;
    this.#latch(turn.cycle, started);
    const latched = clock.now();
    this.#controlPhase(latched);
    const controlled = clock.now();
    this.#budgets.begin(turn.cycle, started);
    const writes = this.outputs.flush();
    const written = clock.now();
    const { planned: blocksPlanned, overruns } = this.#inputPhase(turn.cycle, written);
    const report = {
      ...turn,
      ...this.#takeCounts(),
      latch: ms(latched - started),
      control: ms(controlled - latched),
      output: ms(written - controlled),
      input: ms(clock.now() - written),
      blocksPlanned,
      overruns,
      writes,
    };
    this.#recorder.record(report);
    return report;
  }

  /** A cycle of the outputs alone, on the image as it is: for the way to the safe state when nothing else may run any more. */
  cycleOutputs(): void {
    this.outputs.step(this.#image);
    this.outputs.flush();
  }

  /** What the lines said last of the writes under way. Nothing is sent. */
  settleOutputs(): void {
    this.outputs.step(this.#image);
  }

  /** Waits for what is under way, once the lines are closed; gives what went wrong in ours and no cycle has thrown. */
  async close(): Promise<{ readonly error: unknown } | undefined> {
    await this.#scope.close();
    return this.#bug;
  }

  #latch(cycle: number, now: Instant): void {
    const reads = this.#arrivals.apply(this.#image);
    this.#refusals.tell((event, fields) => this.#tell(event, fields));
    this.#watchLines(now);
    for (const run of this.#runs) this.#judge(run, now);
    for (const reboot of this.#boots.look(this.#image)) this.#restarted(reboot);
    this.#image.age(now);
    this.#holes.step(now);
    this.#report.send(cycle, reads);
  }

  #controlPhase(now: Instant): void {
    for (const step of this.#control) step(now);
    this.#heartbeats.step(now, this.outputs);
    this.outputs.step(this.#image);
  }

  /** Turns of cycles that were passed over are made up for; what overfull frames have left unread goes first. */
  #inputPhase(cycle: number, now: Instant): { readonly planned: number; readonly overruns: number } {
    let overruns = 0;
    for (const line of this.#runs.lines) if (line.begin(cycle, now)) overruns++;
    const late: Due[] = [];
    const due: Due[] = [];
    this.#runs.turns.forEach((turn, index) => {
      if (cycle < (this.#due[index] ?? turn.phase)) return;
      this.#due[index] = dueAfter(turn, cycle);
      const { run, slot } = turn;
      if (!run.scanned) return;
      for (const part of slot.parts) (run.reader.goesFirst(part) ? late : due).push({ reader: run.reader, part });
    });
    for (const { reader, part } of late) reader.due(part);
    for (const { reader, part } of due) reader.due(part);
    for (const run of this.#runs) {
      if (run.scanned) run.readExtras(now);
    }
    for (const line of this.#runs.lines) line.step();
    return { planned: late.length + due.length, overruns };
  }

  #watchLines(now: Instant): void {
    this.#watch.step();
    for (const line of this.#options.lines.values()) {
      if (line.state.state === "up") this.#watchUp(line, line.state.since);
      else if (!this.#downSince.has(line)) this.#downSince.set(line, now);
    }
  }

  /** A break may be over before a latch has seen it. */
  #watchUp(line: Line, since: Instant): void {
    this.#downSince.delete(line);
    if (this.#upSince.get(line) === since) return;
    this.#upSince.set(line, since);
    for (const run of this.#runs) if (run.reader.line === line) run.seek();
  }

  #judge(run: DeviceRun, now: Instant): void {
    if (run.retryRefused(now)) this.#report.blocksChanged();
    const change = run.judge(now, this.#downSince.get(run.reader.line));
    if (!change) return;
    const { from, to } = change;
    if (to.status === "offline" || to.status === "disabled") this.#left(run, to.status);
    if (change.appeared) this.#appeared(run, change);
    this.#options.sink.device(to);
    if (to.status !== from.status) this.#tell(`device.${to.status}`, { device: to.device, reason: to.reason });
  }

  /** As a device that was away; it may be another one now. */
  #restarted({ device, before, now }: Reboot): void {
    this.outputs.restarted(device);
    this.#runs.get(device.name).startAfresh();
    this.#report.blocksChanged();
    this.#warn("device.restarted", { device: device.name, before: String(before), now: String(now) });
  }

  #left(run: DeviceRun, status: "offline" | "disabled"): void {
    this.#boots.forget(run.device);
    for (const entry of run.entries) this.#image.lose(entry.index, status);
    this.outputs.left(run.device, `its device is ${status === "offline" ? status : "out of service"}`);
  }

  /** What else hangs on its line may have come back with it: one tripped supply kills many. */
  #appeared(run: DeviceRun, { from, returned }: StatusChange): void {
    if (returned) this.outputs.returned(run.device);
    if (returned) this.#boots.forget(run.device);
    this.#image.forgetAbsence(run.entries.map((entry) => entry.index));
    if (!returned && from.status !== "offline") return;
    run.startAfresh();
    this.#report.blocksChanged();
    for (const line of this.#runs.lines) if (line.line === run.reader.line) line.returned(from.since);
  }

  /** Being taken out of service holds at once, the rest of a device's status from the next latch on. */
  #statusNow(device: string): DeviceStatus["status"] {
    const run = this.#runs.get(device);
    return run.disabled ? "disabled" : run.status.status;
  }

  /** An answer to what is no longer asked, or of a device taken out of service meanwhile, says nothing. */
  #answered(run: DeviceRun, part: BlockPart, exchange: Exchange): void {
    if (run.disabled || !part.slot.answered(part)) return;
    this.#arrivals.read(part, exchange);
    run.answered(part);
  }

  #refused(run: DeviceRun, part: BlockPart, failure: Failure): readonly BlockPart[] {
    const { slot } = part;
    const first = slot.sound;
    const smaller = run.disabled ? undefined : slot.refuse(part, this.#options.clock.now());
    if (!smaller) return [];
    this.#report.blocksChanged();
    if (smaller.length === 0) this.#lose(part, failure);
    else if (first) this.#refusals.add("block.split", slot.planned, failure);
    return smaller;
  }

  #lose(part: BlockPart, failure: Failure): void {
    const entries = entriesOf(part.block);
    this.#arrivals.refused(entries);
    if (entries.every((entry) => this.#image.sample(entry.index).reason === "refused")) return;
    this.#refusals.add("tag.refused", part.block, failure);
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

  #warn(event: string, fields: LogFields): void {
    const { logger, sink, clock } = this.#options;
    logger.warn(event, fields);
    sink.event({ event, at: clock.now(), fields });
  }

  #tell(event: string, fields: LogFields): void {
    const { logger, sink, clock } = this.#options;
    logger.info(event, fields);
    sink.event({ event, at: clock.now(), fields });
  }
}

function writeBudgets({ plan, plant }: ScanEngineOptions): WriteBudgets {
  const rules = [...plan.lines].map(([line, { frame, writes }]) => {
    return [line, { window: writes.window, frame, behind: writes.behind }] as const;
  });
  return new WriteBudgets(new Map(rules), plant.scan.period);
}

/** The lines that have a serial wire, and its format. */
function wiresOf({ lines }: Plant): ReadonlyMap<string, string> {
  return new Map(
    [...lines].flatMap(([name, line]) => {
      const format = wireFormat(line);
      return format ? [[name, formatSerial(format)] as const] : [];
    }),
  );
}

/** The first of the turn's cycles after `cycle`. */
function dueAfter({ period, phase }: Turn, cycle: number): number {
  return phase + (Math.floor((cycle - phase) / period) + 1) * period;
}
