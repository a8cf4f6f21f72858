import { type Instant, type Ms, ms, plus } from "../kit/time.ts";

/** Whether a unit on a line answers. Health belongs to the unit, never to the socket it shares with others. */
export type DeviceHealth =
  | { readonly state: "online"; readonly misses: number }
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

export const DEFAULT_HEALTH_POLICY: HealthPolicy = {
  missesBeforeOffline: 3,
  firstProbe: ms(1000),
  longestProbe: ms(5000),
};

const online: DeviceHealth = { state: "online", misses: 0 };

/** What a unit's health becomes after `event`. */
export function nextHealth(health: DeviceHealth, event: HealthEvent, policy: HealthPolicy): DeviceHealth {
  if (event.kind === "answered") return online;
  switch (health.state) {
    case "online":
      return health.misses + 1 < policy.missesBeforeOffline
        ? { state: "online", misses: health.misses + 1 }
        : offline(1, event.at, event.at, policy);
    case "offline":
      return offline(health.attempt + 1, health.since, event.at, policy);
  }
}

function offline(attempt: number, since: Instant, at: Instant, policy: HealthPolicy): DeviceHealth {
  const pause = Math.min(policy.longestProbe, policy.firstProbe * 2 ** Math.min(attempt - 1, 30));
  return { state: "offline", attempt, since, probeAt: plus(at, ms(pause)) };
}
