import { between, type Instant, type Ms, ms } from "../kit/time.ts";

/** How often the office looks at the counter of completed cycles. */
export const LOOK_EVERY: Ms = ms(100);

/** A look so much later than the last one says that the watcher slept (a stopped process), not the scan. */
const WATCHER_SLEPT: Ms = ms(500);

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
  readonly stalled: boolean;
}

export type WatchVerdict = "running" | "stalled" | "resumed" | "kill";

export function startWatch(now: Instant): ScanWatch {
  return { completed: 0, since: now, lookedAt: now, stalled: false };
}

/**
 * Judges one look at the counter. A counter of 0 is not watched: the scan has not completed its first cycle, or it set
 * the counter back because it is stopping in order.
 */
export function lookAtScan(
  watch: ScanWatch,
  look: { readonly completed: number; readonly now: Instant },
  limits: WatchLimits,
): { readonly watch: ScanWatch; readonly verdict: WatchVerdict } {
  const { completed, now } = look;
  if (completed !== watch.completed || completed === 0) {
    const verdict = watch.stalled ? "resumed" : "running";
    return { watch: { completed, since: now, lookedAt: now, stalled: false }, verdict };
  }
  const slept = between(watch.lookedAt, now) > WATCHER_SLEPT;
  const next = { ...watch, lookedAt: now, since: slept ? now : watch.since };
  const silent = between(next.since, now);
  if (silent >= limits.killAfter) return { watch: { ...next, stalled: true }, verdict: "kill" };
  if (silent >= limits.alarmAfter && !watch.stalled) return { watch: { ...next, stalled: true }, verdict: "stalled" };
  return { watch: next, verdict: "running" };
}
