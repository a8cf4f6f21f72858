import { doubling } from "../kit/backoff.ts";
import { type Instant, type Ms, ms, plus } from "../kit/time.ts";

/** Whether a unit on a line answers. Health belongs to the unit, never to the socket it shares with others. */
export type DeviceHealth =
  | { readonly state: "online" }
  /** It missed so many requests in a row, not yet enough to leave the table. */
  | { readonly state: "suspect"; readonly misses: number }
  | { readonly state: "offline"; readonly attempt: number; readonly since: Instant; readonly probeAt: Instant };

export type HealthEvent =
  | { readonly kind: "answered" }
  /** A request that counts against the unit (the failure table says which do). */
  | { readonly kind: "missed"; readonly at: Instant };

export interface HealthPolicy {
  /** Misses in a row after which a unit leaves the table. */
  readonly missesBeforeOffline: number;
  /** Pause before the first probe; it doubles with every probe that is missed. */
  readonly firstProbe: Ms;
  readonly longestProbe: Ms;
}

/** On lines with fast classes a return is noticed soon; on slow ones a probe would cost more than it tells. */
const FAST_CLASS = ms(100);

/** The policy for the units of a line by the shortest period that anything on it is read with. */
export function healthPolicy(shortestPeriod: Ms): HealthPolicy {
  const longestProbe = shortestPeriod <= FAST_CLASS ? ms(5000) : ms(30_000);
  return { missesBeforeOffline: 3, firstProbe: ms(1000), longestProbe };
}

export const ONLINE: DeviceHealth = { state: "online" };

/** What a unit's health becomes after `event`. */
export function nextHealth(health: DeviceHealth, event: HealthEvent, policy: HealthPolicy): DeviceHealth {
  if (event.kind === "answered") return ONLINE;
  if (health.state === "offline") return offline(health.attempt + 1, health.since, event.at, policy);
  const misses = health.state === "suspect" ? health.misses + 1 : 1;
  return misses < policy.missesBeforeOffline ? { state: "suspect", misses } : offline(1, event.at, event.at, policy);
}

function offline(attempt: number, since: Instant, at: Instant, policy: HealthPolicy): DeviceHealth {
  const pause = doubling(attempt, { first: policy.firstProbe, most: policy.longestProbe });
  return { state: "offline", attempt, since, probeAt: plus(at, pause) };
}
