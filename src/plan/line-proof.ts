import type { LineSettings, ScanSettings } from "../config/plant/plant.ts";
import { healthPolicy } from "../device/health.ts";
import { type Ms, ms } from "../kit/time.ts";
import { type FrameLoad, frameLoads, framesOf } from "./frame-loads.ts";
import type { LinePlan, ScheduledBlock } from "./line-plan.ts";
import { PROBE_SHARE } from "./probe-slots.ts";
import { wireOf } from "./wire.ts";

/** Whether a line's table holds, and what follows from it. All bounds include the budgeted writes. */
export interface LineProof {
  readonly line: string;
  /** Time on a serial wire can be computed; on Modbus/TCP the proof is as good as the stated round trip. */
  readonly basis: "proved" | "budgeted";
  readonly frame: Ms;
  readonly frames: readonly FrameLoad[];
  /** The fullest frame, with its writes. */
  readonly fullest: { readonly frame: number; readonly time: Ms; readonly typical: Ms };
  readonly holds: boolean;
  /** Share of the frame that the fullest leaves free; below 0 where the table does not hold. */
  readonly headRoom: number;
  /** Share of its time that the line needs for what is read in turn. */
  readonly load: number;
  /** The frame that suffers most when a unit stops answering in it; undefined where there are no others to suffer. */
  readonly oneDead: DeathProof | undefined;
  /** How old the values of each block of the table can get, in its order. */
  readonly ages: readonly Ms[];
  /** From the arrival of a command to its outcome; undefined where nothing can be written. */
  readonly command: Ms | undefined;
  /** From a change at the slave until a program has seen it, by the most often read block of the line. */
  readonly input: Ms | undefined;
  /** From the program's decision until the slave has it; undefined where nothing can be written. */
  readonly output: Ms | undefined;
  /** Within what time a unit that is back is noticed, when it alone was away. */
  readonly returnSeen: Ms | undefined;
}

export interface DeathProof {
  readonly frame: number;
  readonly unit: number;
  readonly device: string;
  /** When the others are done, with their writes. */
  readonly time: Ms;
  /** They are done within the frame. */
  readonly carried: boolean;
  /** Frames in which others may miss their turn, where it is not. */
  readonly lost: number;
}

/** Nothing is late by a rounding error. */
const EPSILON = 1e-6;

/** Proves a line's table, or shows where it breaks. */
export function proveLine(plan: LinePlan, line: LineSettings, scan: ScanSettings): LineProof {
  const frames = frameLoads(plan);
  const frame = ms(plan.frame * scan.period);
  const fullest = fullestFrame(frames, plan.writes.window);
  const output = plan.writes.longest > 0 ? ms(plan.writes.behind + plan.writes.window) : undefined;
  const ages = plan.cyclic.map((block) => ageOf(block, plan, frames, scan.period));
  return {
    line: plan.line,
    basis: wireOf(line) ? "proved" : "budgeted",
    frame,
    frames,
    fullest,
    holds: fullest.time <= frame + EPSILON,
    headRoom: 1 - fullest.time / frame,
    load: loadOf(plan, scan.period),
    oneDead: deathProof(plan, frames, frame),
    ages,
    command: output === undefined ? undefined : ms(output + 2 * scan.period),
    input: ages[0] && ms(ages.reduce((least: number, age) => Math.min(least, age), Number.POSITIVE_INFINITY)),
    output,
    returnSeen: returnSeen(plan, scan.period),
  };
}

function fullestFrame(frames: readonly FrameLoad[], writes: Ms): LineProof["fullest"] {
  let fullest = { frame: 0, time: writes, typical: ms(0) };
  frames.forEach(({ healthy, typical }, frame) => {
    const time = ms(healthy + writes);
    if (time > fullest.time + EPSILON) fullest = { frame, time, typical };
  });
  return fullest;
}

function loadOf({ cyclic, window }: LinePlan, period: Ms): number {
  return cyclic.reduce((sum, block) => sum + block.cost.worst / (block.period * period * window), 0);
}

function deathProof({ cyclic, writes }: LinePlan, frames: readonly FrameLoad[], frame: Ms): DeathProof | undefined {
  let proof: DeathProof | undefined;
  frames.forEach(({ oneDead: { time: reads, unit } }, at) => {
    const time = ms(reads + writes.window);
    if (unit === undefined || (proof && time <= proof.time)) return;
    const device = cyclic.find(({ block }) => block.device.unit === unit)?.block.device.name ?? "";
    const carried = time <= frame + EPSILON;
    proof = { frame: at, unit, device, time, carried, lost: carried ? 0 : Math.ceil(time / frame - EPSILON) };
  });
  return proof;
}

/**
 * From the sending of one reading until the latch that brings the next: the longest pause between two turns, and when the
 * next is answered at the latest in its frame, seen by the cycle after that.
 */
function ageOf(block: ScheduledBlock, plan: LinePlan, frames: readonly FrameLoad[], period: Ms): Ms {
  const latest = framesOf(block, plan).reduce((most, at) => Math.max(most, frames[at]?.healthy ?? 0), 0);
  const seen = Math.ceil((latest + plan.writes.window) / period - EPSILON) * period;
  return ms(longestPause(block) * period + seen);
}

/** In scan cycles. */
function longestPause({ every, phases }: ScheduledBlock): number {
  const sorted = [...phases].sort((a, b) => a - b);
  return sorted.reduce((most, phase, index) => {
    const next = sorted[index + 1] ?? (sorted[0] ?? 0) + every;
    return Math.max(most, next - phase);
  }, 0);
}

/** The longest pause between two probes, the wait for a slot, and the probe. */
function returnSeen({ cyclic, frame, probes }: LinePlan, period: Ms): Ms | undefined {
  if (!probes) return undefined;
  const shortest = cyclic.reduce((least, block) => Math.min(least, block.period), Number.POSITIVE_INFINITY);
  const { longestProbe } = healthPolicy(ms(shortest * period));
  if (probes.slots) return ms(longestProbe + (probes.slots.every + 1) * frame * period);
  return ms(Math.max(longestProbe, (PROBE_SHARE - 1) * probes.cost) + frame * period);
}
