import type { AlarmRule, Priority } from "../device/alarm.ts";
import type { Role } from "../device/role.ts";
import type { Instant, WallTime } from "../kit/time.ts";
import type { AlarmStateName } from "./alarm-machine.ts";

/** An alarm as people see it. */
export interface AlarmStatus {
  readonly alarm: string;
  readonly state: AlarmStateName;
  readonly priority: Priority;
  readonly text: AlarmRule["text"];
  /** When its cause was last found standing, as the wall clock said then. */
  readonly raised: WallTime;
  /** In this state, as the wall clock said then. */
  readonly since: WallTime;
  /** Its inputs are not good: whether the cause still stands is not known. */
  readonly unknown: boolean;
  /** Who acknowledged it; undefined: nobody, or nobody who said so. */
  readonly by: string | undefined;
}

/** Owner of the alarms that belong to no device. */
export const GATEWAY = "_gw";

/** Acknowledges alarms of a device, or of the gateway ({@link GATEWAY}). */
export interface AcknowledgeRequest {
  readonly device: string;
  /** Undefined: all that want it. */
  readonly alarms: readonly string[] | undefined;
  /** Who, in the asker's own words. */
  readonly by: string | undefined;
  /** By which way it came, for the audit: `mqtt`. */
  readonly origin: string;
  /** The role it came with; undefined: that of its way. */
  readonly role?: Role | undefined;
  /** Not done after this. */
  readonly sendBy: Instant;
}

/** Published in `_gw/stats`. */
export interface AlarmCounters {
  readonly active: number;
  readonly unacknowledged: number;
  /** Since the start of takt. */
  readonly raised: number;
}
