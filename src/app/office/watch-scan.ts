import type { Clock, Timer } from "../../kit/clock.ts";
import type { LogFields, Logger } from "../../kit/logger.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { LOOK_EVERY, lookAtScan, startWatch, type WatchLimits } from "../../link/scan-watch.ts";
import { writeFully } from "../logging/write-fully.ts";

export interface ScanWatchOptions {
  /** Completed cycles at index 0. */
  readonly cycles: Int32Array;
  readonly limits: WatchLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Processor time that the whole process has used. */
  readonly used: () => Ms;
  /** Told of a stall and its end, as the log is. */
  readonly publish: (event: "scan.stalled" | "scan.resumed", fields?: LogFields) => void;
  /** Ends the process; nothing gentler works from a worker while the main thread is blocked. */
  readonly kill: () => void;
}

/** Watches the counter of completed cycles: says when it stands still, and ends the process when it stands for too long. */
export function watchScan(options: ScanWatchOptions): Timer {
  const { cycles, limits, clock, logger } = options;
  let watch = startWatch(clock.now());
  return clock.every("scan.watch", LOOK_EVERY, () => {
    const look = { completed: Atomics.load(cycles, 0), now: clock.now(), used: options.used() };
    const looked = lookAtScan(watch, look, limits);
    watch = looked.watch;
    switch (looked.verdict) {
      case "running":
        return;
      case "stalled":
        logger.error("scan.stalled", { after: limits.alarmAfter });
        return options.publish("scan.stalled", { after: limits.alarmAfter });
      case "resumed":
        logger.info("scan.resumed");
        return options.publish("scan.resumed");
      case "kill":
        return options.kill();
    }
  });
}

export function processorTime(): Ms {
  const { user, system } = process.cpuUsage();
  return ms((user + system) / 1000);
}

/** The last thing this process does: one line, then SIGKILL for its supervisor to start it again. */
export function killProcess(killAfter: Ms): void {
  writeFully(
    2,
    `takt: no scan cycle completed for ${killAfter} ms; ending the process so that its supervisor restarts it\n`,
  );
  process.kill(process.pid, "SIGKILL");
}
