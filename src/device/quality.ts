import type { Instant } from "../kit/time.ts";

/** How far a value may be trusted: see `docs/quality.md`. */
export type Quality = "good" | "stale" | "bad";

/** Why a value is not good. A good value has the reason `ok`. */
export type Reason =
  | "ok"
  /** stale: older than the tag's maximum age */
  | "old"
  /** bad, from here on: not read since the start */
  | "neverRead"
  /** the unit does not answer */
  | "offline"
  /** taken out of service by a person */
  | "disabled"
  /** the device refuses this register */
  | "refused"
  /** a value that means "no value" */
  | "sentinel"
  /** outside the tag's valid range, or digits that are none */
  | "invalid";

/** One tag's value with all that is known of it. A bad sample shows no value. */
export interface Sample {
  readonly value: Value | null;
  readonly quality: Quality;
  readonly reason: Reason;
  /** When the last byte of the request left: the value is no older than that. Undefined: never read. */
  readonly sourceTime: Instant | undefined;
}

/** What a tag can be worth, after scaling. Enumerations are their names; 64-bit integers stay exact. */
export type Value = Scalar | readonly Scalar[];

export type Scalar = boolean | number | bigint | string;

/** Array.isArray, which forgets the element type of readonly arrays. */
export function isArrayValue(value: Value): value is readonly Scalar[] {
  return Array.isArray(value);
}
