import type { Outcome, WriteResult } from "../device/outcome.ts";
import type { Value } from "../device/quality.ts";
import type { Instant, Ms } from "../kit/time.ts";

export type { Outcome, WriteResult } from "../device/outcome.ts";

/** Asks to write tags of one device, in the order given. Nothing in it has been checked against the plant yet. */
export interface SetCommand {
  /** Chosen by the asker; a second command to the device with the same id gets the outcome of the first. */
  readonly id: string;
  readonly device: string;
  readonly set: readonly (readonly [tag: string, value: Value])[];
  /** How long it may wait to be sent; less than 0: it came too late. */
  readonly ttl: Ms;
  readonly receivedAt: Instant;
  /** Who asked, for the audit: `mqtt`, `cli`. */
  readonly origin: string;
}

export interface CommandResult {
  readonly id: string;
  readonly device: string;
  readonly outcome: Outcome;
  /** For people; always given unless the outcome is verified or acknowledged. */
  readonly reason: string | undefined;
  readonly results: Readonly<Record<string, WriteResult>>;
  /** From receipt to outcome. */
  readonly took: Ms;
}
