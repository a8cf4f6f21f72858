import type { Instant } from "../kit/time.ts";

/** A device as people see it. `degraded`: it answers, but refuses some of its registers or says nothing but "busy". */
export interface DeviceStatus {
  readonly device: string;
  readonly status: "connecting" | "online" | "degraded" | "offline" | "disabled";
  readonly since: Instant;
  /** Why it is not online; undefined when it is. */
  readonly reason: string | undefined;
}

/** It answers. */
export function isThere(status: DeviceStatus | undefined): boolean {
  return status?.status === "online" || status?.status === "degraded";
}
