import type { Ms } from "../kit/time.ts";
import type { FunctionCode } from "../modbus/function-code.ts";
import type { TagAlarm } from "./alarm.ts";
import type { DeviceCommand } from "./device-command.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Tag } from "./tag.ts";

/** What a kind of device is like on the bus and which tags it has; read from `devices/<maker>/<model>.yaml`. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  /** Where the facts come from: document and page. */
  readonly source: string | undefined;
  readonly timing: DeviceTiming;
  readonly limits: DeviceLimits;
  readonly functions: ReadonlySet<FunctionCode>;
  readonly tags: ReadonlyMap<string, Tag>;
  readonly commands: ReadonlyMap<string, DeviceCommand>;
  readonly alarms: ReadonlyMap<string, TagAlarm>;
  /** A tag the master feeds so that the slave's own watchdog notices the master's death. */
  readonly heartbeat: Heartbeat | undefined;
  /** A tag that holds another value after every start of the device. */
  readonly bootId: string | undefined;
  /** Where it takes jobs; undefined: it takes none. */
  readonly mailbox: Mailbox | undefined;
}

export interface DeviceTiming {
  /** How long an answer usually takes at worst; for the plan. */
  readonly turnaround: Ms;
  /** After which a late answer is impossible; a transaction's deadline. */
  readonly responseTimeout: Ms;
}

export interface DeviceLimits {
  readonly readRegisters: number;
  readonly readBits: number;
  readonly writeRegisters: number;
  /** Unwanted addresses a read block may span between two wanted ones. */
  readonly gap: number;
  /** Requests this unit stands at the same time. */
  readonly window: number;
  /** Outputs that lie beside each other may be written in one request. */
  readonly mergeWrites: boolean;
}

export interface Heartbeat {
  readonly tag: string;
  readonly every: Ms;
  /** After how long without a heartbeat the slave acts by itself. */
  readonly timeout: Ms;
  /** The outputs it then brings to rest; a watchdog seldom reaches all of them. */
  readonly covers: readonly string[];
}

/** One slave of a plant: a profile bound to a unit of a line, with what differs from the profile. */
export interface Device {
  readonly name: string;
  readonly profile: Profile;
  readonly line: string;
  /** 0..255 on TCP. */
  readonly unit: number;
  /** Out of service from the start. */
  readonly disabled: boolean;
  readonly timing: DeviceTiming;
  readonly limits: DeviceLimits;
  /** The profile's tags with this device's overrides. */
  readonly tags: ReadonlyMap<string, Tag>;
}
