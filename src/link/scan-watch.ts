import { between, type Instant, type Ms, ms } from "../kit/time.ts";

/** How often the office looks at the counter of completed cycles. */
export const LOOK_EVERY: Ms = ms(100);

/** A look so much later than the last one says that the watcher slept, and the scan with it: a stopped process … */
const WATCHER_SLEPT: Ms = ms(500);
/** … unless the process used this share of the time: then a scan that has gone wild kept its watcher from the processor. */
const WILD_SHARE = 0.25;

export interface WatchLimits {
  /** No cycle completed for so long: an alarm. */
  readonly alarmAfter: Ms;
  /** No cycle completed for so long: the process must go, for its supervisor to start it again. */
  readonly killAfter: Ms;
}

/** Alarm after ten periods or 500 ms, whichever is longer; a `stallTimeout` below that waits for it. */
export function watchLimits(period: Ms, stallTimeout: Ms): WatchLimits {
  const alarmAfter = ms(Math.max(10 * period, 500));
  return { alarmAfter, killAfter: ms(Math.max(stallTimeout, alarmAfter)) };
}

export interface ScanWatch {
  readonly completed: number;
  /** When `completed` was first seen. */
  readonly since: Instant;
  readonly lookedAt: Instant;
  /** Processor time that the whole process had used by then. */
  readonly used: Ms;
  readonly stalled: boolean;
}

export interface ScanLook {
  readonly completed: number;
  readonly now: Instant;
  readonly used: Ms;
}

export type WatchVerdict = "running" | "stalled" | "resumed" | "kill";

export function startWatch(now: Instant): ScanWatch {
  return { completed: 0, since: now, lookedAt: now, used: ms(0), stalled: false };
}

/**
 * Judges one look at the counter. A counter of 0 is not watched: the scan has not completed its first cycle, or it set
 * the counter back because it is stopping in order.
 */
export function lookAtScan(
  watch: ScanWatch,
  look: ScanLook,
  limits: WatchLimits,
): { readonly watch: ScanWatch; readonly verdict: WatchVerdict } {
  const { completed, now, used } = look;
  if (completed !== watch.completed || completed === 0) {
    const verdict = watch.stalled ? "resumed" : "running";
    return { watch: { completed, since: now, lookedAt: now, used, stalled: false }, verdict };
  }
  const next = { ...watch, lookedAt: now, used, since: slept(watch, look) ? now : watch.since };
  const silent = between(next.since, now);
  if (silent >= limits.killAfter) return { watch: { ...next, stalled: true }, verdict: "kill" };
  if (silent >= limits.alarmAfter && !watch.stalled) return { watch: { ...next, stalled: true }, verdict: "stalled" };
  return { watch: next, verdict: "running" };
}

function slept(watch: ScanWatch, { now, used }: ScanLook): boolean {
  const gap = between(watch.lookedAt, now);
  return gap > WATCHER_SLEPT && used - watch.used < gap * WILD_SHARE;
}
