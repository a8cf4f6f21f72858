import type { CommandResult } from "../command/command.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import type { JobChange } from "../job/job-journal.ts";
import type { JobAnswer } from "../job/job-request.ts";
import type { LogRecord } from "../kit/logger.ts";
import type { Listenable } from "../kit/signal.ts";
import type { Instant } from "../kit/time.ts";
import type {
  AccessOutcome,
  DeviceAlarms,
  Kept,
  PlantEvent,
  PlantStatistics,
  SampleBatch,
  ToScan,
  TracedFrames,
} from "./messages.ts";

/** What the scan receives: everything the office may ask. */
export type FromOffice = Exclude<ToScan, { readonly kind: "credit" }>;

/** The scan's end of the link. Nothing here waits; only `stopped` takes time. */
export interface ScanEnd {
  samples(batch: Omit<SampleBatch, "kind">): void;
  blocks(blocks: readonly (readonly number[])[]): void;
  device(status: DeviceStatus): void;
  result(result: CommandResult): void;
  stats(stats: PlantStatistics): void;
  event(event: PlantEvent): void;
  log(record: LogRecord): void;
  /** The newest under each key is stored, now or when a store is there. */
  keep(kept: Kept): void;
  alarms(alarms: DeviceAlarms): void;
  jobs(append: number, changes: readonly JobChange[]): void;
  jobAnswer(answer: JobAnswer): void;
  accessed(access: number, outcome: AccessOutcome): void;
  traced(trace: number, traced: TracedFrames | undefined): void;
  /** What has arrived since the last call. Called at every latch: it also sends what waited for credit. */
  receive(): readonly FromOffice[];
  counters(): LinkCounters;
  /** A new office has taken over and knows nothing: send it blocks, every tag and every device's status. */
  readonly restarted: Listenable<undefined>;
  /** Tells the office that nothing follows and waits until it has flushed and ended, at the latest at `by`. */
  stopped(by?: Instant): Promise<void>;
}

export interface LinkCounters {
  /** Changes and renewals overtaken by a newer one before they could be sent. */
  readonly coalesced: number;
  /** Events, log records and statistics that were lost because the office did not keep up. */
  readonly dropped: number;
}
