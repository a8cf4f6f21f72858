import type { Ms } from "../kit/time.ts";
import type { Device } from "../device/profile.ts";

/** A checked plant file with its profiles: what the planner, the scan and the simulators build on. */
export interface Plant {
  readonly name: string;
  readonly scan: ScanSettings;
  readonly lines: ReadonlyMap<string, LineSettings>;
  /** In the order of the file. */
  readonly devices: ReadonlyMap<string, Device>;
}

export interface ScanSettings {
  readonly period: Ms;
  /** Period of every scan class, a multiple of the scan period. */
  readonly classes: ReadonlyMap<string, Ms>;
}

/** One TCP endpoint with everything behind it. */
export interface LineSettings {
  readonly name: string;
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
  /** Requests in flight on the connection. */
  readonly window: number;
  readonly connectTimeout: Ms;
  /** Pause between the connection and the first request. */
  readonly delayAfterConnect: Ms;
}
