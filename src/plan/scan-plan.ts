import type { Plant } from "../config/plant.ts";
import type { Device } from "../device/profile.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { type Ms, ms } from "../kit/time.ts";
import { spreadPhases } from "./phases.ts";
import type { ReadBlock } from "./read-block.ts";
import { readBlocks } from "./read-blocks.ts";
import { wireOf } from "./wire.ts";

/** A read block with its turn: it is due in the cycles k with k mod `period` = `phase`. */
export interface ScheduledBlock {
  readonly block: ReadBlock;
  /** In scan cycles. */
  readonly period: number;
  readonly phase: number;
}

export interface LinePlan {
  readonly line: string;
  /** In table order: the most often read first, then by device and address. */
  readonly cyclic: readonly ScheduledBlock[];
  /** Read once after every return of their device. */
  readonly once: readonly ReadBlock[];
  /** Read when somebody asks. */
  readonly onDemand: readonly ReadBlock[];
}

export interface ScanPlan {
  readonly lines: ReadonlyMap<string, LinePlan>;
}

/** Lays the tags of a plant into read blocks and gives each block its turn; the same plant gives the same plan. */
export function scanPlan(plant: Plant, entries: readonly TagEntry[]): ScanPlan {
  const classes = [...plant.scan.classes].sort((a, b) => a[1] - b[1]);
  const order = classes.map(([name]) => name);
  const blocks = [...byDevice(entries)].flatMap(([device, own]) => {
    const line = plant.lines.get(device.line);
    return readBlocks(device, own, {
      classes: order,
      wire: line && wireOf(line),
      longest: shortestPeriod(device.line, entries, plant.scan.classes),
    });
  });
  const periods = new Map(classes.map(([name, period]) => [name, cyclesOf(period, plant.scan.period)]));
  return { lines: new Map([...plant.lines.keys()].map((line) => [line, linePlan(line, blocks, periods)])) };
}

/** Of what is read in turn on a line; undefined where nothing is. */
function shortestPeriod(line: string, entries: readonly TagEntry[], classes: ReadonlyMap<string, Ms>): Ms | undefined {
  const periods = entries.flatMap(({ device, tag }) =>
    device.line === line ? (classes.get(tag.scanClass) ?? []) : [],
  );
  const shortest = periods.reduce((least: number, period) => Math.min(least, period), Number.POSITIVE_INFINITY);
  return Number.isFinite(shortest) ? ms(shortest) : undefined;
}

function byDevice(entries: readonly TagEntry[]): ReadonlyMap<Device, readonly TagEntry[]> {
  const groups = new Map<Device, TagEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.device);
    if (group) group.push(entry);
    else groups.set(entry.device, [entry]);
  }
  return groups;
}

function linePlan(line: string, all: readonly ReadBlock[], periods: ReadonlyMap<string, number>): LinePlan {
  const blocks = all.filter((block) => block.device.line === line);
  const cyclic = blocks.flatMap((block) => {
    const period = periods.get(block.scanClass);
    return period === undefined ? [] : [{ block, period }];
  });
  cyclic.sort((a, b) => a.period - b.period);
  const phases = spreadPhases(cyclic.map(({ period }) => period));
  return {
    line,
    cyclic: cyclic.map(({ block, period }, index) => ({ block, period, phase: phases[index] ?? 0 })),
    once: blocks.filter((block) => block.scanClass === "once"),
    onDemand: blocks.filter((block) => block.scanClass === "onDemand"),
  };
}

function cyclesOf(period: Ms, scanPeriod: Ms): number {
  return Math.max(1, Math.round(period / scanPeriod));
}
