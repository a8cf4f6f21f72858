import type { Plant } from "../config/plant.ts";
import type { LinePlan } from "./scan-plan.ts";
import { blockTime, wireOf } from "./wire.ts";

/**
 * The share of its time that a serial wire needs for the blocks read in turn, 1 being all of it; undefined where a line has
 * no such wire. What is written, asked for or repeated comes on top.
 */
export function lineLoad({ line, cyclic }: LinePlan, { lines, scan }: Plant): number | undefined {
  const settings = lines.get(line);
  const wire = settings && wireOf(settings);
  return wire && cyclic.reduce((sum, { block, period }) => sum + blockTime(block, wire) / (period * scan.period), 0);
}
