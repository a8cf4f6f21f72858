import { healthPolicy } from "../device/health.ts";
import { type Ms, ms } from "../kit/time.ts";
import { dearestProbe, type FrameLoad } from "./frame-loads.ts";
import type { LinePlan, Probes } from "./line-plan.ts";

/** Where no frame has room for a probe, asking units that are away takes at most one part in so many of what the line carries. */
export const PROBE_SHARE = 11;

export interface ProbeRoom {
  /** Of the scan. */
  readonly period: Ms;
  /** What a frame has for reads and probes. */
  readonly room: Ms;
}

/**
 * Where units that are away are probed: a slot as often as its frame comes round, but not more often than the first probe
 * of a unit is wanted; in the frame that has most room for it.
 */
export function probeSlots(
  { cyclic, frame }: Pick<LinePlan, "cyclic" | "frame">,
  loads: readonly FrameLoad[],
  { period, room }: ProbeRoom,
): Probes | undefined {
  if (cyclic.length === 0) return undefined;
  const cost = dearestProbe({ cyclic });
  const span = frame * period;
  const wanted = Math.max(1, Math.floor(healthPolicy(ms(0)).firstProbe / span));
  const { every, phase, fullest } = emptiestSlot(loads, wanted);
  if (fullest > room + 1e-9) return { cost, slots: undefined };
  return { cost, slots: { every: Math.max(1, Math.floor(wanted / every)) * every, frame: phase } };
}

/** Of the intervals that divide the table and are no longer than wanted, the longest. */
function emptiestSlot(
  loads: readonly FrameLoad[],
  wanted: number,
): { readonly every: number; readonly phase: number; readonly fullest: number } {
  let every = Math.min(wanted, loads.length);
  while (loads.length % every !== 0) every--;
  let best = { every, phase: 0, fullest: Number.POSITIVE_INFINITY };
  for (let phase = 0; phase < every; phase++) {
    let fullest = 0;
    for (let at = phase; at < loads.length; at += every) fullest = Math.max(fullest, loads[at]?.probed ?? 0);
    if (fullest < best.fullest) best = { every, phase, fullest };
  }
  return best;
}
