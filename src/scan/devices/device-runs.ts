import type { Exchange, Line } from "../../bus/line/line.ts";
import { unitWindow } from "../../config/plant/line-window.ts";
import type { LineSettings } from "../../config/plant/plant.ts";
import type { Device } from "../../device/profile.ts";
import { healthPolicy } from "../../device/health.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Clock } from "../../kit/clock.ts";
import { invariant } from "../../kit/invariant.ts";
import type { LogFields } from "../../kit/logger.ts";
import { type Instant, ms, type Ms } from "../../kit/time.ts";
import type { Failure } from "../../modbus/failure.ts";
import { type ReadBlock, readRequest } from "../../plan/read-block.ts";
import type { LinePlan } from "../../plan/line-plan.ts";
import type { ScanPlan } from "../../plan/scan-plan.ts";
import { answerTime, transactionCost } from "../../plan/transaction-cost.ts";
import { type BlockPart, BlockSlot } from "../lines/block-slot.ts";
import { DeviceRun } from "./device-run.ts";
import type { Heard } from "../lines/line-diagnosis.ts";
import { type LineTable, LineTurns } from "../lines/line-turns.ts";
import { UnitReader } from "../lines/unit-reader.ts";

export interface DeviceRunsOptions {
  readonly devices: readonly Device[];
  readonly entries: readonly TagEntry[];
  readonly plan: ScanPlan;
  /** Of the scan cycle. */
  readonly period: Ms;
  readonly lines: ReadonlyMap<string, Line>;
  /** Requests each line carries at once; 1 where none is given. */
  readonly windows: ReadonlyMap<string, number>;
  readonly clock: Clock;
  readonly settings: ReadonlyMap<string, LineSettings>;
  /** When the writes that a line was given are done at the latest. */
  readonly writesDoneAt: (line: string) => Instant;
  /** Something changed that people should know. */
  readonly tell: (event: string, fields: LogFields) => void;
  readonly onHeard: (line: string, unit: number, heard: Heard) => void;
  /** Takes responsibility for a promise. */
  readonly own: (promise: Promise<unknown>) => void;
  readonly onAnswer: (run: DeviceRun, part: BlockPart, exchange: Exchange) => void;
  readonly onRefused: (run: DeviceRun, part: BlockPart, failure: Failure) => readonly BlockPart[];
}

/** A slot with its turn: due in the cycles k with k mod `period` = `phase`. */
export interface Turn {
  readonly run: DeviceRun;
  readonly slot: BlockSlot;
  readonly period: number;
  readonly phase: number;
}

/** All devices of the running scan, and the turns of their blocks in table order. */
export class DeviceRuns {
  readonly turns: readonly Turn[];
  readonly readers: readonly UnitReader[];
  readonly lines: readonly LineTurns[];
  readonly #runs: ReadonlyMap<string, DeviceRun>;

  constructor(options: DeviceRunsOptions) {
    const readers = new Map<string, UnitReader>();
    const slots = slotsByDevice(options.plan);
    const entries = entriesByDevice(options.entries);
    this.#runs = new Map(
      options.devices.map((device) => {
        const own = slots.get(device.name) ?? NO_SLOTS;
        const reader = this.#reader(readers, device, options);
        const startedAt = options.clock.now();
        const cyclic = [...new Set(own.cyclic.map(({ slot }) => slot))];
        const run = new DeviceRun({
          ...own,
          device,
          entries: entries.get(device.name) ?? [],
          cyclic,
          reader,
          startedAt,
        });
        return [device.name, run] as const;
      }),
    );
    this.readers = [...readers.values()];
    this.lines = this.#lines(options);
    this.turns = this.#turns(slots, options.plan);
  }

  [Symbol.iterator](): IterableIterator<DeviceRun> {
    return this.#runs.values();
  }

  find(device: string): DeviceRun | undefined {
    return this.#runs.get(device);
  }

  get(device: string): DeviceRun {
    const run = this.#runs.get(device);
    invariant(run !== undefined, `no device ${device}`);
    return run;
  }

  /** Devices that share a unit (one controller with two profiles) share its reader and its health. */
  #reader(readers: Map<string, UnitReader>, device: Device, options: DeviceRunsOptions): UnitReader {
    const line = options.lines.get(device.line);
    invariant(line !== undefined, `no line ${device.line}`);
    const key = `${device.line}/${device.unit}`;
    const reader =
      readers.get(key) ??
      new UnitReader({
        line,
        unit: device.unit,
        window: windowOf(device, options),
        clock: options.clock,
        policy: healthPolicy(shortestPeriod(options, device.line)),
        own: options.own,
        onAnswer: (part, exchange) => options.onAnswer(this.get(part.block.device.name), part, exchange),
        onHeard: (heard) => options.onHeard(device.line, device.unit, heard),
        onRefused: (part, failure) => options.onRefused(this.get(part.block.device.name), part, failure),
      });
    readers.set(key, reader);
    return reader;
  }

  #lines(options: DeviceRunsOptions): readonly LineTurns[] {
    const { lines, windows, clock, tell } = options;
    const runs = new Map<UnitReader, DeviceRun[]>(this.readers.map((reader) => [reader, []]));
    for (const run of this) runs.get(run.reader)?.push(run);
    const presence = (reader: UnitReader): BlockPart | undefined => {
      for (const run of runs.get(reader) ?? []) if (run.presence) return run.presence;
      return undefined;
    };
    return [...lines.values()].map((line) => {
      const window = windows.get(line.name) ?? 1;
      const behind = this.readers.filter((reader) => reader.line === line);
      return new LineTurns(behind, { line, window, clock, presence, tell, table: tableOf(line.name, options) });
    });
  }

  #turns(slots: ReadonlyMap<string, DeviceSlots>, plan: ScanPlan): readonly Turn[] {
    const order = new Map(
      [...plan.lines.values()].flatMap((line) => line.cyclic).map(({ block }, index) => [block, index]),
    );
    const turns = [...slots].flatMap(([device, own]) => own.cyclic.map((turn) => ({ ...turn, run: this.get(device) })));
    return turns.sort((a, b) => (order.get(a.slot.planned) ?? 0) - (order.get(b.slot.planned) ?? 0));
  }
}

function tableOf(line: string, { plan, period, settings: all, writesDoneAt }: DeviceRunsOptions): LineTable {
  const { frame = 1, probes } = plan.lines.get(line) ?? {};
  const settings = all.get(line);
  invariant(settings !== undefined, `no settings of line ${line}`);
  return {
    frame: ms(frame * period),
    cycles: frame,
    slots: probes?.slots,
    probe: probes?.cost ?? ms(0),
    costOf: ({ block }) => transactionCost(readRequest(block), block.device.timing, settings).worst,
    answerTime: ({ block }) => answerTime(readRequest(block), block.device.timing, settings),
    writesDoneAt: () => writesDoneAt(line),
  };
}

/** The plan reckons with the same. */
function windowOf({ line, unit, limits }: Device, { devices, windows }: DeviceRunsOptions): number {
  const alone = devices.every((other) => other.line !== line || other.unit === unit);
  return unitWindow(limits.window, windows.get(line) ?? 1, alone);
}

/** Of what is read in turn on a line. */
function shortestPeriod({ plan, period }: DeviceRunsOptions, line: string): Ms {
  const [fastest] = plan.lines.get(line)?.cyclic ?? [];
  return ms((fastest?.period ?? Number.POSITIVE_INFINITY) * period);
}

interface DeviceSlots {
  readonly cyclic: { readonly slot: BlockSlot; readonly period: number; readonly phase: number }[];
  readonly once: BlockSlot[];
  readonly onDemand: BlockSlot[];
}

const NO_SLOTS: DeviceSlots = { cyclic: [], once: [], onDemand: [] };

function slotsByDevice(plan: ScanPlan): ReadonlyMap<string, DeviceSlots> {
  const devices = new Map<string, DeviceSlots>();
  const of = (block: ReadBlock): DeviceSlots => {
    const slots = devices.get(block.device.name) ?? { cyclic: [], once: [], onDemand: [] };
    devices.set(block.device.name, slots);
    return slots;
  };
  const place = ({ cyclic, once, onDemand }: LinePlan): void => {
    for (const { block, every, phases } of cyclic) {
      const slot = new BlockSlot(block);
      for (const phase of phases) of(block).cyclic.push({ slot, period: every, phase });
    }
    for (const block of once) of(block).once.push(new BlockSlot(block));
    for (const block of onDemand) of(block).onDemand.push(new BlockSlot(block));
  };
  for (const line of plan.lines.values()) place(line);
  return devices;
}

function entriesByDevice(entries: readonly TagEntry[]): ReadonlyMap<string, readonly TagEntry[]> {
  const devices = new Map<string, TagEntry[]>();
  for (const entry of entries) {
    const own = devices.get(entry.device.name) ?? [];
    own.push(entry);
    devices.set(entry.device.name, own);
  }
  return devices;
}
