import { lineWindow, unitWindow } from "../config/plant/line-window.ts";
import type { LineSettings, ScanSettings } from "../config/plant/plant.ts";
import { mergedRuns } from "../device/merge-writes.ts";
import type { Device } from "../device/profile.ts";
import { ON_DEMAND, ONCE } from "../device/tag.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { type Ms, ms } from "../kit/time.ts";
import { frameLengths } from "./frame-lengths.ts";
import { frameLoads, type FrameLoad } from "./frame-loads.ts";
import { layFrames } from "./frame-table.ts";
import { probeSlots } from "./probe-slots.ts";
import { type ReadBlock, readRequest } from "./read-block.ts";
import { readBlocks } from "./read-blocks.ts";
import type { LinePlan, ScheduledBlock, WriteBudget } from "./line-plan.ts";
import { type Cost, silenceCost, transactionCost } from "./transaction-cost.ts";
import { wireOf } from "./wire.ts";
import { writeCost } from "./write-cost.ts";

/** Lengths of frames that are tried; where there are more, some between the shortest and the longest. */
const MOST_LENGTHS = 12;

/** A frame keeps room for at most so many writes, and for no more of them than this share of it; for one always. */
const MOST_WRITES = 8;
const WRITE_SHARE = 0.25;

/** Where the table does not hold with reads as long as a frame allows, they are cut to these shares of that. */
const SHORTER_READS = [1 / 2, 1 / 4];

/** A table with its loads, while a line's plan is looked for. */
interface Draft {
  readonly plan: LinePlan;
  readonly holds: boolean;
  /** It holds even with one device dead. */
  readonly carries: boolean;
  /** How full the fullest frame is, of its length. */
  readonly fullness: number;
}

/**
 * The table of one line: the shortest frame with which it holds with one device dead; else the shortest with which it
 * holds; else the one that is overrun least.
 */
export function planLine(line: LineSettings, entries: readonly TagEntry[], scan: ScanSettings): LinePlan {
  const write = longestWrite(line, entries);
  const shortest = shortestPeriod(entries, scan);
  const room = shortest === undefined ? undefined : Math.max(scan.period, shortest - write);
  let best = bestTable(line, blocksOf(line, entries, scan, room), scan, write);
  if (room === undefined || !wireOf(line)) return best.plan;
  const often = best.plan.cyclic.filter(({ period }) => period * scan.period === shortest);
  const beside = room - often.reduce((sum, { cost }) => sum + cost.worst, 0);
  for (const longest of [beside, ...SHORTER_READS.map((share) => share * room)]) {
    if (best.holds || longest <= 0) continue;
    const draft = bestTable(line, blocksOf(line, entries, scan, longest), scan, write);
    if (draft.holds || draft.fullness < best.fullness - 1e-9) best = draft;
  }
  return best.plan;
}

/** Of what is read in turn; undefined where nothing is. */
function shortestPeriod(entries: readonly TagEntry[], { classes }: ScanSettings): Ms | undefined {
  const periods = entries.flatMap(({ tag }) => classes.get(tag.scanClass) ?? []);
  return periods.length === 0 ? undefined : ms(Math.min(...new Set(periods)));
}

/** Reads of a serial wire take no longer than `longest`. */
function blocksOf(
  line: LineSettings,
  entries: readonly TagEntry[],
  { classes }: ScanSettings,
  longest: number | undefined,
): readonly ReadBlock[] {
  const order = [...classes].sort((a, b) => a[1] - b[1]).map(([name]) => name);
  const rules = { classes: order, wire: wireOf(line), longest: longest === undefined ? undefined : ms(longest) };
  return [...byDevice(entries)].flatMap(([device, own]) => readBlocks(device, own, rules));
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

/** Of one output, or of those that are written together. */
function longestWrite(line: LineSettings, entries: readonly TagEntry[]): Ms {
  const together = [...byDevice(entries).values()].flatMap(mergedRuns);
  const writes = [...entries.map((entry) => [entry]), ...together];
  return writes.reduce((most, outputs) => ms(Math.max(most, writeCost(outputs, line))), ms(0));
}

function bestTable(line: LineSettings, blocks: readonly ReadBlock[], scan: ScanSettings, write: Ms): Draft {
  const alone = new Set(blocks.map(({ device }) => device.unit)).size < 2;
  const timed = blocks.map((block) => timedBlock(block, line, scan, alone)).filter(({ period }) => period > 0);
  timed.sort((a, b) => a.period - b.period);
  const rest = {
    once: blocks.filter((block) => block.scanClass === ONCE),
    onDemand: blocks.filter((block) => block.scanClass === ON_DEMAND),
  };
  const drafts: Draft[] = [];
  for (const length of lengthsFor(timed, scan.period, write)) {
    const draft = tableOf(line, timed, { length, period: scan.period, write, ...rest });
    drafts.push(draft);
    if (draft.carries) return draft;
  }
  const [first, ...others] = drafts;
  if (!first) return tableOf(line, timed, { length: 1, period: scan.period, write, ...rest });
  return others.reduce((best, draft) => (best.holds || best.fullness <= draft.fullness ? best : draft), first);
}

interface TimedBlock {
  readonly block: ReadBlock;
  readonly period: number;
  readonly window: number;
  readonly cost: Cost;
  readonly silence: Ms;
}

/** What is not read in turn has a period of 0. */
function timedBlock(
  block: ReadBlock,
  line: LineSettings,
  { classes, period }: ScanSettings,
  alone: boolean,
): TimedBlock {
  const request = readRequest(block);
  const { timing } = block.device;
  const span = classes.get(block.scanClass);
  return {
    block,
    period: span === undefined ? 0 : Math.max(1, Math.round(span / period)),
    window: unitWindow(block.device.limits.window, lineWindow(line), alone),
    cost: transactionCost(request, timing, line),
    silence: silenceCost(request, timing, line),
  };
}

/** Lengths of frames worth trying: those that hold the longest transaction and a write, if there are any. */
function lengthsFor(blocks: readonly TimedBlock[], period: Ms, write: Ms): readonly number[] {
  const longest = blocks.reduce((most, { cost }) => Math.max(most, cost.worst), 0);
  const least = Math.max(1, Math.ceil((longest + write) / period - 1e-9));
  if (blocks.length === 0) return [least];
  const lengths = frameLengths(blocks.map((block) => block.period));
  const wide = lengths.filter((length) => length >= least);
  if (wide.length === 0) return lengths.slice(-1);
  const step = Math.max(1, (wide.length - 1) / (MOST_LENGTHS - 1));
  return [...new Set(wide.map((_, index) => wide[Math.round(index * step)] ?? least))].slice(0, MOST_LENGTHS);
}

interface TableRequest extends Pick<LinePlan, "once" | "onDemand"> {
  /** Of a frame, in cycles. */
  readonly length: number;
  readonly period: Ms;
  /** The dearest write. */
  readonly write: Ms;
}

function tableOf(line: LineSettings, timed: readonly TimedBlock[], request: TableRequest): Draft {
  const { length, period, write, once, onDemand } = request;
  const window = lineWindow(line);
  const jobs = timed.map((each) => ({ ...each, unit: each.block.device.unit, cost: each.cost.worst }));
  const { horizon, turns } = layFrames(jobs, length, window);
  const cyclic = timed.map((block, index): ScheduledBlock => {
    const { every, frames } = turns[index] ?? { every: 1, frames: [0] };
    return { ...block, every: every * length, phases: frames.map((frame) => frame * length) };
  });
  const bare = { line: line.name, frame: length, frames: horizon, window, cyclic, once, onDemand };
  const loads = frameLoads(bare);
  const span = length * period;
  const blocks = [...timed.map(({ block }) => block), ...once, ...onDemand];
  const behind = blocks.reduce(
    (most, block) => Math.max(most, transactionCost(readRequest(block), block.device.timing, line).worst),
    0,
  );
  const writes = { ...writeBudget(write, span, loads), behind: ms(behind) };
  const healthy = Math.max(0, ...loads.map((load) => load.healthy)) + writes.window;
  const dead = Math.max(0, ...loads.map((load) => load.oneDead.time)) + writes.window;
  const probes = probeSlots(bare, loads, { period, room: ms(span - writes.window) });
  const holds = healthy <= span + 1e-9;
  const carries = holds && dead <= span + 1e-9 && (!probes || probes.slots !== undefined);
  return { plan: { ...bare, writes, probes }, holds, carries, fullness: healthy / span };
}

/** As many writes as the frames have room for, at least one. */
function writeBudget(longest: Ms, span: number, loads: readonly FrameLoad[]): Omit<WriteBudget, "behind"> {
  if (longest === 0) return { window: ms(0), longest };
  const healthy = Math.max(0, ...loads.map((load) => load.healthy));
  const dead = Math.max(0, ...loads.map((load) => load.oneDead.time));
  const free = span - (dead + longest <= span ? Math.max(dead, healthy) : healthy);
  const writes = Math.floor(Math.min(free, span * WRITE_SHARE) / longest + 1e-9);
  return { window: ms(longest * Math.min(MOST_WRITES, Math.max(1, writes))), longest };
}
