import { between, type Instant, ms } from "../../kit/time.ts";

/** So long another reason has to hold before a device that is offline is said to be so because of it. */
const STEADY_FOR = ms(10_000);

/** Why a device is offline, and another reason that was found since, not yet for long enough to be told. */
export interface SteadyReason {
  readonly told: string | undefined;
  readonly other: { readonly reason: string | undefined; readonly since: Instant } | undefined;
}

/**
 * What `found` makes of the reason that is told. A device that hangs times out and loses its line by turns: the first
 * reason stays until it answers, or until another one alone was found for ten seconds.
 */
export function steadyReason(reason: SteadyReason, found: string | undefined, now: Instant): SteadyReason {
  const { told, other } = reason;
  if (found === told) return { told, other: undefined };
  if (other === undefined || other.reason !== found) return { told, other: { reason: found, since: now } };
  return between(other.since, now) < STEADY_FOR ? reason : { told: found, other: undefined };
}
