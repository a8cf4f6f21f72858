import type { DeviceStatus } from "../device/device-status.ts";
import type { Quality, Reason, Value } from "../device/quality.ts";
import type { LogFields } from "../kit/logger.ts";
import type { Instant } from "../kit/time.ts";

/** Where the scan puts what it has seen; it never waits for it. The composition root supplies the link to the office. */
export interface ScanSink {
  /** Which tags are read together; the index of a block is its name in {@link SampleBatch.renewed}. */
  blocks(blocks: readonly (readonly number[])[]): void;
  samples(batch: SampleBatch): void;
  device(status: DeviceStatus): void;
  event(event: PlantEvent): void;
}

/** The samples that changed at one latch. Tags are indices of the tag table. */
export interface SampleBatch {
  readonly kind: "samples";
  /** Cycle whose latch made these values the image. */
  readonly cycle: number;
  readonly samples: readonly SampleChange[];
  /** Blocks read again: the source times of their unchanged tags moved on. */
  readonly renewed: readonly Renewal[];
}

export interface SampleChange {
  readonly tag: number;
  readonly value: Value | null;
  readonly quality: Quality;
  readonly reason: Reason;
  readonly sourceTime: Instant | undefined;
}

/** A block of tags read in one transaction was answered again: its tags are as old as `sourceTime`. */
export interface Renewal {
  /** Index into the newest `blocks`. */
  readonly block: number;
  readonly sourceTime: Instant;
}

/** Something that happened once and is worth telling. */
export interface PlantEvent {
  readonly event: string;
  readonly at: Instant;
  readonly fields: LogFields;
}
