import { type Ms, ms } from "../kit/time.ts";
import type { EndedJob } from "./job.ts";

/** What a pool has done since its records begin. */
export interface PoolTotals {
  /** Orders taken so far; the next job has this number. */
  readonly orders: number;
  readonly done: number;
  readonly failed: number;
  readonly devices: Readonly<Record<string, DeviceTotals>>;
}

export interface DeviceTotals {
  readonly done: number;
  readonly failed: number;
  /** From acceptance to end, of all jobs together, and of the longest. */
  readonly work: Ms;
  readonly longest: Ms;
}

export const NO_TOTALS: PoolTotals = { orders: 0, done: 0, failed: 0, devices: {} };
export const NO_DEVICE_TOTALS: DeviceTotals = { done: 0, failed: 0, work: ms(0), longest: ms(0) };

/** A job counts for at least this, so that a device that fails at once does not get them all. */
const LEAST_WORK = 1000;

/** How much a device has had to do since `before`. */
export function workOf(device: string, totals: PoolTotals, before: PoolTotals): Ms {
  const now = totals.devices[device] ?? NO_DEVICE_TOTALS;
  const then = before.devices[device] ?? NO_DEVICE_TOTALS;
  return ms(now.work - then.work + LEAST_WORK * (now.done + now.failed - then.done - then.failed));
}

/** The totals with one job more. A job that no device had counts for the pool alone. */
export function addEnded(totals: PoolTotals, job: EndedJob): PoolTotals {
  const counted = { ...totals, [job.state]: totals[job.state] + 1 };
  const { assignment, acceptedAt, at } = job;
  if (!assignment) return counted;
  const before = totals.devices[assignment.device] ?? NO_DEVICE_TOTALS;
  // The wall clock may have been set meanwhile.
  const took = ms(acceptedAt === undefined ? 0 : Math.max(0, at - acceptedAt));
  const device = {
    ...before,
    [job.state]: before[job.state] + 1,
    work: ms(before.work + took),
    longest: ms(Math.max(before.longest, took)),
  };
  return { ...counted, devices: { ...totals.devices, [assignment.device]: device } };
}
