import assert from "node:assert/strict";
import type { CallCommand, Command, CommandResult, SetCommand } from "../../../src/command/command.ts";
import { CommandExecutor } from "../../../src/command/executor.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import type { DeviceStatus } from "../../../src/device/device-status.ts";
import type { Sample, Value } from "../../../src/device/quality.ts";
import type { Role } from "../../../src/device/role.ts";
import { type TagEntry, tagTable } from "../../../src/device/tag-table.ts";
import { loggerTo, type LogRecord } from "../../../src/kit/logger.ts";
import type { Instant } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { scanPlan } from "../../../src/plan/scan-plan.ts";
import type { CycleReport } from "../../../src/scan/cycle/cycle-report.ts";
import { ScanEngine, type ScanEngineOptions } from "../../../src/scan/engine.ts";
import { NO_LAST_STRETCH, Pacemaker } from "../../../src/scan/cycle/pacemaker.ts";
import { type Permit, permitAll } from "../../../src/scan/outputs/permit.ts";
import type { PlantEvent, SampleBatch, ScanSink } from "../../../src/scan/scan-sink.ts";
import { FakeLine } from "./fake-line.ts";
import type { FakeUnit } from "../slaves/fake-unit.ts";
import { time } from "../plants/scan-plant.ts";

class RecordingSink implements ScanSink {
  readonly batches: SampleBatch[] = [];
  readonly statuses: DeviceStatus[] = [];
  readonly events: PlantEvent[] = [];
  blockList: readonly (readonly number[])[] = [];

  blocks(blocks: readonly (readonly number[])[]): void {
    this.blockList = blocks;
  }

  samples(batch: SampleBatch): void {
    this.batches.push(batch);
  }

  device(status: DeviceStatus): void {
    this.statuses.push(status);
  }

  event(event: PlantEvent): void {
    this.events.push(event);
  }
}

export interface ScanBenchOptions extends Pick<ScanEngineOptions, "recalled" | "keep"> {
  readonly permit?: Permit;
  readonly window?: number;
}

/** A whole scan side on a virtual clock: engine, pace, commands, lines in memory, and a sink that keeps everything. */
export class ScanBench {
  readonly clock = new VirtualClock();
  readonly sink = new RecordingSink();
  readonly logs: LogRecord[] = [];
  readonly results: CommandResult[] = [];
  readonly reports: CycleReport[] = [];
  readonly entries: readonly TagEntry[];
  readonly lines: ReadonlyMap<string, FakeLine>;
  readonly engine: ScanEngine;
  readonly pacemaker: Pacemaker;
  readonly #executor: CommandExecutor;
  /** Of whoever commands. */
  role: Role = "engineer";
  #commands = 0;

  constructor(given: Plant, options: ScanBenchOptions = {}) {
    const { clock, sink } = this;
    const window = options.window ?? 4;
    const windows = { line: window, unit: 4 };
    const plant = { ...given, lines: new Map([...given.lines].map(([name, line]) => [name, { ...line, window }])) };
    this.entries = tagTable(plant.devices.values());
    this.lines = new Map([...plant.lines.keys()].map((name) => [name, new FakeLine(name, clock, windows)]));
    this.engine = new ScanEngine({
      plant,
      entries: this.entries,
      plan: scanPlan(plant, this.entries),
      lines: this.lines,
      clock,
      permit: options.permit ?? permitAll,
      logger: loggerTo((record) => this.logs.push(record)),
      sink,
      recalled: options.recalled,
      keep: options.keep,
    });
    const { outputs } = this.engine;
    const answer = (result: CommandResult): unknown => this.results.push(result);
    this.#executor = new CommandExecutor({
      entries: this.entries,
      outputs,
      image: this.engine.image,
      clock,
      answer,
      roleOf: () => this.role,
      audit: (fields) => this.engine.audit(fields),
    });
    this.engine.onControl(() => this.#executor.step());
    const { period } = plant.scan;
    const run = (turn: Parameters<ScanEngine["cycle"]>[0]): unknown => this.reports.push(this.engine.cycle(turn));
    this.pacemaker = new Pacemaker({ clock, period, lastStretch: NO_LAST_STRETCH, run });
    for (const line of this.lines.values()) line.open();
    this.pacemaker.start();
  }

  get now(): Instant {
    return this.clock.now();
  }

  line(name = "cell"): FakeLine {
    const line = this.lines.get(name);
    assert.ok(line, `no line ${name}`);
    return line;
  }

  unit(address = 1, line = "cell"): FakeUnit {
    return this.line(line).unit(address);
  }

  run(span: string): Promise<void> {
    return this.clock.advance(time(span));
  }

  /** Of `device/tag`. */
  sample(name: string): Sample {
    return this.engine.image.sample(this.entry(name).index);
  }

  /** Value, quality and reason in short: `12 good ok`. */
  show(name: string): string {
    const { value, quality, reason } = this.sample(name);
    return `${String(value)} ${quality} ${reason}`;
  }

  entry(name: string): TagEntry {
    const entry = this.entries.find(({ device, tag }) => `${device.name}/${tag.name}` === name);
    assert.ok(entry, `no tag ${name}`);
    return entry;
  }

  status(device: string): string {
    return this.engine.status(device)?.status ?? "none";
  }

  /** Hands over a command; gives its id. */
  set(device: string, set: Readonly<Record<string, Value>>, options: Partial<SetCommand> = {}): string {
    const id = options.id ?? `c${++this.#commands}`;
    const rest = { ttl: time("2s"), receivedAt: this.now, origin: "test" };
    this.#executor.accept({ device, set: Object.entries(set), ...rest, ...options, id });
    return id;
  }

  /** Hands over a call; gives its id. */
  call(
    device: string,
    call: string,
    args: Readonly<Record<string, Value>> = {},
    options: Partial<CallCommand> = {},
  ): string {
    const id = options.id ?? `c${++this.#commands}`;
    const rest = { ttl: time("2s"), receivedAt: this.now, origin: "test" };
    this.accept({ device, call, args: Object.entries(args), ...rest, ...options, id });
    return id;
  }

  accept(command: Command): void {
    this.#executor.accept(command);
  }

  cancel(device: string, id: string): boolean {
    return this.#executor.cancel({ device, id, origin: "test" });
  }

  /** What the audit tells, oldest first. */
  get audit(): readonly PlantEvent["fields"][] {
    return this.sink.events.filter(({ event }) => event === "audit").map(({ fields }) => fields);
  }

  /** Runs until the command has its outcome, at most 30 s. */
  async outcome(id: string): Promise<CommandResult> {
    for (let turn = 0; turn < 1500; turn++) {
      const result = this.results.find((each) => each.id === id);
      if (result) return result;
      await this.run("20ms");
    }
    return assert.fail(`command ${id} has no outcome`);
  }

  /** The master is at its end: what still runs is answered. */
  endCommands(reason: string): void {
    this.#executor.end(reason);
  }

  get activeCommands(): number {
    return this.#executor.active;
  }
}
