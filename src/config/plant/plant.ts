import type { Ms } from "../../kit/time.ts";
import type { SerialFormat } from "../../modbus/serial-format.ts";
import type { Device } from "../../device/profile.ts";

/** A checked plant file with its profiles: what the planner, the scan and the simulators build on. */
export interface Plant {
  readonly name: string;
  readonly scan: ScanSettings;
  readonly lines: ReadonlyMap<string, LineSettings>;
  /** In the order of the file. */
  readonly devices: ReadonlyMap<string, Device>;
  /** Names of like devices that share their work, by pool. */
  readonly pools: ReadonlyMap<string, readonly string[]>;
  /** In the order in which they run. */
  readonly programs: readonly ProgramSettings[];
}

/** A module that runs in the scan. */
export interface ProgramSettings {
  /** The file's name without its ending; no two programs of a plant have the same. */
  readonly name: string;
  readonly file: string;
  /** A multiple of the scan period. */
  readonly every: Ms;
  /** How long it may read what is not good before its outputs go to their safe state. */
  readonly grace: Ms;
  /** What one run may take. */
  readonly budget: Ms;
}

export interface ScanSettings {
  readonly period: Ms;
  /** Period of every scan class, a multiple of the scan period. */
  readonly classes: ReadonlyMap<string, Ms>;
}

/** One TCP endpoint or one serial port, with everything behind it. */
export type LineSettings = TcpLineSettings | RtuOverTcpLineSettings | SerialLineSettings;

interface AnyLineSettings {
  readonly name: string;
  /** Pause between the connection and the first request. */
  readonly delayAfterConnect: Ms;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly connectTimeout: Ms;
  /**
   * Within what time the plan expects an answer: on Modbus/TCP from request to answer, device and all; in front of a serial
   * wire what the network adds to the time on the wire.
   */
  readonly roundTrip: Ms;
}

/** Modbus/TCP: every request has an id, several may be in flight. */
export interface TcpLineSettings extends AnyLineSettings, Endpoint {
  readonly kind: "tcp";
  /** Requests in flight on the connection; 1 in front of a serial wire. */
  readonly window: number;
  /** The endpoint is a gateway to a serial wire of this format. */
  readonly gateway: Gateway | undefined;
}

export interface Gateway extends SerialFormat {
  /** How long the gateway itself waits for a unit before it answers 0B; we wait longer than that. */
  readonly timeout: Ms;
}

/** What both ways of RTU share: one transaction at a time, frames without an id. */
interface AnyRtuLineSettings extends AnyLineSettings {
  readonly format: SerialFormat;
  /** Two-wire adapters that hear what they send: the echo is recognised and skipped. */
  readonly localEcho: boolean;
  /** Silence that every slave is given after a broadcast to carry it out (V1.02, 2.4.1: 100 to 200 ms). */
  readonly broadcastTurnaround: Ms;
}

/** RTU frames through a serial device server: the silence between bytes means nothing there. */
export interface RtuOverTcpLineSettings extends AnyRtuLineSettings, Endpoint {
  readonly kind: "rtuOverTcp";
  /** The server sends what it received after this silence, or when its packet is full. */
  readonly packetTime: Ms;
}

export interface SerialLineSettings extends AnyRtuLineSettings {
  readonly kind: "serial";
  readonly adapter: SerialAdapter;
  /** `tty`: Linux only, stty and node's own tty streams instead of the package serialport. */
  readonly driver: "serialport" | "tty";
  /** Asks the driver to hand over what arrives at once, where the system can. */
  readonly lowLatency: boolean;
  /** What driver, adapter and this process add to every transaction at worst, for the plan. */
  readonly hostLatency: Ms;
}

/** Which serial port: by its path (`/dev/serial/by-id/…`), or by what the USB adapter says of itself. */
export type SerialAdapter =
  | { readonly path: string }
  /** Vendor and product in four hexadecimal digits; the serial number where there are several alike. */
  | { readonly vendor: string; readonly product: string; readonly serialNumber: string | undefined };
