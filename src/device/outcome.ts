import type { Value } from "./quality.ts";

/** Every command, and every write in it, ends in exactly one of these, best first (docs/commands.md). */
export const OUTCOMES = [
  /** read back as wanted */
  "verified",
  /** the slave confirmed, and its profile asks for no more */
  "acknowledged",
  /** by us: nothing was sent */
  "rejected",
  /** by the slave, with an exception */
  "refused",
  /** its time to live ran out unsent */
  "expired",
  /** known not to have had its effect */
  "failed",
  /** it may or may not have happened */
  "unknown",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

export function succeeded(outcome: Outcome): boolean {
  return outcome === "verified" || outcome === "acknowledged";
}

/** Certainly nothing left the master. */
export function sentNothing(outcome: Outcome): boolean {
  return outcome === "rejected" || outcome === "expired";
}

/** What became of one write to one tag. */
export interface WriteResult {
  readonly outcome: Outcome;
  /** For people; always given unless the outcome is verified or acknowledged. */
  readonly reason: string | undefined;
  /** The value handed to the line; undefined when nothing was sent. */
  readonly sent: Value | undefined;
  readonly readback: Value | undefined;
}

/** The worse of two outcomes: a command ends as its worst part. */
export function worse(one: Outcome, other: Outcome): Outcome {
  return OUTCOMES.indexOf(one) >= OUTCOMES.indexOf(other) ? one : other;
}
