import type { Line } from "../../bus/line/line.ts";
import type { DeviceStatus } from "../../device/device-status.ts";
import type { Device } from "../../device/profile.ts";
import type { TagCodec } from "../../device/tag-codec.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Clock } from "../../kit/clock.ts";
import type { LogFields, Logger } from "../../kit/logger.ts";
import type { Instant, Ms } from "../../kit/time.ts";
import type { Permit } from "./permit.ts";
import type { Audit } from "./write-audit.ts";
import type { WriteBudgets } from "./write-budgets.ts";

export interface OutputsOptions {
  readonly entries: readonly TagEntry[];
  readonly codecs: readonly TagCodec[];
  readonly lines: ReadonlyMap<string, Line>;
  readonly clock: Clock;
  readonly permit: Permit;
  /** What writes may take of the lines' frames. */
  readonly budgets: WriteBudgets;
  /** What a write of this output takes of its line at worst; of several outputs of a device: together. */
  readonly costOf: (outputs: readonly TagEntry[]) => Ms;
  /** Whether two slaves may answer to this device's unit: then nothing is written that nobody asked for. */
  readonly isSuspected: (device: Device) => boolean;
  readonly statusOf: (device: string) => DeviceStatus["status"];
  /** When the device last left a reading unanswered. */
  readonly silentAt: (device: string) => Instant | undefined;
  /** Whether the device has not started anew until after this, as far as it can tell. */
  readonly vouches: (device: Device, since: Instant) => boolean;
  readonly logger: Logger;
  /** Told of every write that was asked for, corrected or made safe. */
  readonly audit: Audit;
  /** Tells what somebody has to know at once, to the log and to whoever listens. */
  readonly warn: (event: string, fields: LogFields) => void;
  /** Takes responsibility for a promise. */
  readonly own: (promise: Promise<unknown>) => void;
}
