import type { LinePlan } from "../../plan/line-plan.ts";
import type { FrameLoad } from "../../plan/frame-loads.ts";
import type { ProvedLine } from "../../plan/plant-proof.ts";

/** What one device takes of a frame: the time of its reads, shared by what the line carries at once. */
export interface Segment {
  readonly device: string;
  readonly time: number;
  /** Indices of its blocks in the table. */
  readonly blocks: readonly number[];
}

/** Frames of a table that are alike, drawn once. */
export interface FrameRow {
  readonly frames: readonly number[];
  readonly load: FrameLoad;
  readonly segments: readonly Segment[];
}

/** The different frames of a line's table, in order of their first. */
export function frameRows({ plan, proof }: ProvedLine): readonly FrameRow[] {
  const rows = new Map<string, { readonly frames: number[]; readonly load: FrameLoad }>();
  proof.frames.forEach((load, frame) => {
    const key = load.blocks.join();
    const row = rows.get(key) ?? { frames: [], load };
    rows.set(key, row);
    row.frames.push(frame);
  });
  return [...rows.values()].map((row) => ({ ...row, segments: segmentsOf(row.load, plan) }));
}

function segmentsOf({ blocks, healthy }: FrameLoad, { cyclic }: LinePlan): readonly Segment[] {
  const segments = new Map<string, { device: string; time: number; blocks: number[] }>();
  let sum = 0;
  for (const index of blocks) {
    const block = cyclic[index];
    if (!block) continue;
    const device = block.block.device.name;
    const segment = segments.get(device) ?? { device, time: 0, blocks: [] };
    segments.set(device, segment);
    segment.time += block.cost.worst;
    segment.blocks.push(index);
    sum += block.cost.worst;
  }
  return [...segments.values()].map((segment) => ({ ...segment, time: sum > 0 ? (segment.time * healthy) / sum : 0 }));
}

/**
 * The rows worth showing where a table has many: the fullest, and otherwise the first. `hidden` counts the frames that are
 * not among them; none of those is fuller.
 */
export function worthShowing(
  rows: readonly FrameRow[],
  most: number,
): { readonly shown: readonly FrameRow[]; readonly hidden: number } {
  if (rows.length <= most) return { shown: rows, hidden: 0 };
  const fullest = rows.reduce((best, row) => (row.load.healthy > best.load.healthy ? row : best));
  const kept = new Set([...rows.slice(0, most - 1), fullest]);
  const shown = rows.filter((row) => kept.has(row));
  return { shown, hidden: rows.reduce((sum, row) => sum + (kept.has(row) ? 0 : row.frames.length), 0) };
}

/** `3`, `0, 5, 10`, or `0, 5, 10, … (40)`. */
export function frameNames(frames: readonly number[]): string {
  return frames.length <= 3 ? frames.join(", ") : `${frames.slice(0, 3).join(", ")}, … (${frames.length})`;
}
