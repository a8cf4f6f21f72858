import type { Instant, Ms } from "../kit/time.ts";
import type { Value } from "../device/quality.ts";

/** Every command ends in exactly one of these (docs/commands.md). */
export const OUTCOMES = ["verified", "acknowledged", "rejected", "refused", "expired", "failed", "unknown"] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Asks to write tags of one device, in the order given. Nothing in it has been checked against the plant yet. */
export interface SetCommand {
  /** Chosen by the asker; a second command with the same id gets the outcome of the first. */
  readonly id: string;
  readonly device: string;
  readonly set: readonly (readonly [tag: string, value: Value])[];
  /** How long it may wait to be sent. */
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

/** What became of one tag of a command. */
export interface WriteResult {
  readonly outcome: Outcome;
  readonly reason: string | undefined;
  /** The value handed to the line; undefined when nothing was sent. */
  readonly sent: Value | undefined;
  readonly readback: Value | undefined;
}
