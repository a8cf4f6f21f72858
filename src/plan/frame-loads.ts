import { type Ms, ms } from "../kit/time.ts";
import { chargedFrames } from "./frame-table.ts";
import { makespan, makespanBeside, type UnitLoad } from "./makespan.ts";
import type { LinePlan, ScheduledBlock } from "./line-plan.ts";

/** What one frame of a table takes, without writes. */
export interface FrameLoad {
  /** Indices of its blocks in the table. */
  readonly blocks: readonly number[];
  /** All devices answer, as late as they may. */
  readonly healthy: Ms;
  /** All devices answer as they usually do. */
  readonly typical: Ms;
  /** Worst case over the devices: one falls silent at the worst of its requests, and its others are not sent. */
  readonly oneDead: { readonly time: Ms; readonly unit: number | undefined };
  /** An unanswered probe of a unit that takes no turns, beside all the others. */
  readonly probed: Ms;
}

type Table = Pick<LinePlan, "cyclic" | "frame" | "frames" | "window">;

/** The loads of the frames of a table, in order. */
export function frameLoads(table: Table): readonly FrameLoad[] {
  const blocks: number[][] = Array.from({ length: table.frames }, () => []);
  table.cyclic.forEach((block, index) => {
    for (const frame of framesOf(block, table)) blocks[frame]?.push(index);
  });
  const whole = { ...table, units: unitsOf(table.cyclic, worst), probe: dearestProbe(table) };
  const known = new Map<string, FrameLoad>();
  return blocks.map((own) => {
    const key = own.join();
    const load = known.get(key) ?? loadOf(own, whole);
    known.set(key, load);
    return load;
  });
}

/** The frames of a table in which a block has a turn, as far as the table tells them apart. */
export function framesOf(
  { every, phases }: ScheduledBlock,
  { frame, frames }: Pick<LinePlan, "frame" | "frames">,
): readonly number[] {
  return chargedFrames({ every: every / frame, frames: phases.map((phase) => phase / frame) }, frames);
}

/** What an unanswered probe takes at worst: any block may be the one that is asked for. */
export function dearestProbe({ cyclic }: Pick<LinePlan, "cyclic">): Ms {
  return ms(cyclic.reduce((most, { silence }) => Math.max(most, silence), 0));
}

interface WholeTable extends Table {
  /** With all they are ever asked. */
  readonly units: readonly UnitAsked[];
  readonly probe: Ms;
}

interface UnitAsked extends UnitLoad {
  readonly unit: number;
  readonly count: number;
  readonly silence: number;
  /** What a silence takes at most beyond what its answer would have taken. */
  readonly wasted: number;
}

function loadOf(own: readonly number[], table: WholeTable): FrameLoad {
  const blocks = own.flatMap((index) => table.cyclic[index] ?? []);
  const units = unitsOf(blocks, worst);
  return {
    blocks: own,
    healthy: ms(makespan(units, table.window)),
    typical: ms(makespan(unitsOf(blocks, typical), table.window)),
    oneDead: worstDeath(units, table),
    probed: ms(othersDone(units, table, () => ({ places: 1, silence: table.probe })).time),
  };
}

/**
 * The unit may have answered all but the last request of the frame. Whatever it still has in flight from the frame before counts,
 * too: it may be one that has no turn in this.
 */
function worstDeath(units: readonly UnitAsked[], table: WholeTable): FrameLoad["oneDead"] {
  return othersDone(units, table, ({ count, window, silence }, asked) => ({
    places: Math.min(count, window, table.window),
    // Where the line takes one at a time, nothing of a unit without a turn is in flight, or all of the frame is lost to it.
    silence: Math.max(asked ? asked.sum + asked.wasted : 0, table.window > 1 ? silence : 0),
  }));
}

/** When all others are done at the latest, whichever unit of the line is the one that does not answer. */
function othersDone(
  units: readonly UnitAsked[],
  { units: all, window }: WholeTable,
  hold: (dead: UnitAsked, asked: UnitAsked | undefined) => { readonly places: number; readonly silence: number },
): FrameLoad["oneDead"] {
  let last: { time: number; unit: number | undefined } = { time: makespan(units, window), unit: undefined };
  if (all.length < 2) return { time: ms(last.time), unit: undefined };
  for (const dead of all) {
    const asked = units.find(({ unit }) => unit === dead.unit);
    const others = asked ? units.filter((unit) => unit !== asked) : units;
    const time = makespanBeside(others, window, hold(dead, asked));
    if (time > last.time) last = { time, unit: dead.unit };
  }
  return { time: ms(last.time), unit: last.unit };
}

function worst({ cost }: ScheduledBlock): number {
  return cost.worst;
}

function typical({ cost }: ScheduledBlock): number {
  return cost.typical;
}

function unitsOf(blocks: readonly ScheduledBlock[], costOf: (block: ScheduledBlock) => number): readonly UnitAsked[] {
  const units = new Map<number, UnitAsked>();
  for (const block of blocks) {
    const { unit } = block.block.device;
    const cost = costOf(block);
    const { sum, longest, count, silence, wasted } = units.get(unit) ?? NOTHING;
    units.set(unit, {
      unit,
      window: block.window,
      sum: sum + cost,
      longest: Math.max(longest, cost),
      count: count + 1,
      silence: Math.max(silence, block.silence),
      wasted: Math.max(wasted, block.silence - cost),
    });
  }
  return [...units.values()];
}

const NOTHING = { sum: 0, longest: 0, count: 0, silence: 0, wasted: 0 };
