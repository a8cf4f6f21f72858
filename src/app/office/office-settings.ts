import type { Plant } from "../../config/plant.ts";
import type { Ms } from "../../kit/time.ts";
import type { LogOptions } from "../logging/create-log.ts";

/** What the office works by; plain data, so that it can be handed to a thread. */
export interface OfficeSettings {
  readonly gateway: string;
  readonly version: string;
  readonly mqtt: MqttSettings;
  readonly publish: PublishSettings;
  readonly log: LogOptions;
  /** After so long without a completed cycle the process ends itself. */
  readonly stallTimeout: Ms;
}

/** Undefined: no MQTT at all. */
export type MqttSettings =
  | {
      readonly url: string;
      readonly root: string;
      readonly clientId: string;
      readonly username: string | undefined;
      readonly passwordFile: string | undefined;
      readonly keepalive: Ms;
      readonly tls: TlsFiles | undefined;
    }
  | undefined;

export interface TlsFiles {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

export interface PublishSettings {
  readonly stateInterval: Ms;
  readonly heartbeat: Ms;
  readonly bareTags: boolean;
}

/** Handed to the worker at its start, with its end of the link. */
export interface OfficeBrief {
  readonly plant: Plant;
  readonly settings: OfficeSettings;
  /** One counter over shared memory: completed cycles; 0 while the scan is not to be watched. */
  readonly cycles: Int32Array;
}
