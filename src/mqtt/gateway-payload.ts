import type { DeviceStatus } from "../device/device-status.ts";
import type { Device } from "../device/profile.ts";
import type { Ms, WallTime } from "../kit/time.ts";
import type { PlantEvent, PlantStatistics } from "../link/messages.ts";
import type { Scheduling } from "../link/scheduling.ts";
import type { OutboxCounters } from "../store/outbox.ts";
import type { ClockState } from "./clock-watch.ts";

/** Who we are, for `_gw/info`. */
export interface GatewayIdentity {
  readonly gateway: string;
  readonly version: string;
  readonly plant: string;
  readonly scanPeriod: Ms;
  /** Lines that the plan proves not to hold and that run all the same; left out where there are none. */
  readonly overloads?: readonly string[];
  readonly scheduling?: Scheduling | undefined;
}

export function gatewayStatusPayload(state: "online" | "offline" | "lost", ts: WallTime, version: string): string {
  return JSON.stringify({ state, ts: Math.round(ts), version });
}

/** What `_gw/info` tells of now. */
export interface InfoTime {
  readonly ts: WallTime;
  readonly clock: ClockState;
}

export function gatewayInfoPayload(
  identity: GatewayIdentity,
  devices: readonly Device[],
  { ts, clock: { state, steps, lastStep } }: InfoTime,
): string {
  return JSON.stringify({
    ts: Math.round(ts),
    gateway: identity.gateway,
    version: identity.version,
    plant: identity.plant,
    scanPeriod: identity.scanPeriod,
    overloads: identity.overloads?.length ? identity.overloads : undefined,
    scheduling: identity.scheduling,
    clock: { state, steps, lastStep: lastStep && { ts: Math.round(lastStep.ts), by: Math.round(lastStep.by) } },
    devices: Object.fromEntries(
      devices.map((device) => [device.name, { profile: device.profile.name, line: device.line }]),
    ),
  });
}

/** `wallOffset`: wall time minus monotonic time, now. */
export function deviceStatusPayload(status: DeviceStatus, now: WallTime, wallOffset: Ms): string {
  const since = Math.round(status.since + wallOffset);
  return JSON.stringify({ ts: Math.round(now), status: status.status, since, reason: status.reason });
}

/** The event's own fields cannot hide its time and name. */
export function eventPayload(event: PlantEvent, wallOffset: Ms): string {
  const own = { ts: Math.round(event.at + wallOffset), event: event.event };
  return JSON.stringify({ ...own, ...event.fields, ...own });
}

/** What the bridge itself counted. */
export interface BridgeCounters {
  readonly published: number;
  /** Publications the broker refused. */
  readonly refused: number;
  /** Publications larger than the broker takes; they were not sent. */
  readonly tooLarge: number;
  /** Changes overtaken by a newer one while the broker was slow. */
  readonly coalesced: number;
  /** Changes and events that were not published because the broker was away or slow. */
  readonly dropped: number;
  /** Bad requests of a flood whose rejection was not published. */
  readonly unanswered: number;
  readonly inFlight: number;
  readonly connects: number;
  /** Where there is one. */
  readonly outbox?: OutboxCounters | undefined;
}

/** Durations are in milliseconds, cut to the microsecond. */
export function statsPayload(stats: PlantStatistics, mqtt: BridgeCounters, ts: WallTime): string {
  const told = { ts: Math.round(ts), ...stats, mqtt };
  return JSON.stringify(told, (_key, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries<unknown>(value);
    return typeof value === "number" && !Number.isInteger(value) ? Math.round(value * 1000) / 1000 : value;
  });
}
