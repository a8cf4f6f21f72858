import type { PerSecond } from "../kit/rate.ts";
import type { Ms } from "../kit/time.ts";
import type { ByteOrder } from "../modbus/byte-order.ts";
import type { NumericType } from "../modbus/register-codec.ts";
import type { Condition } from "./condition.ts";
import type { Location } from "./location.ts";
import type { Value } from "./quality.ts";
import type { Role } from "./role.ts";

/** What a tag's raw value is. An `enum` is an unsigned number (a register, or its bits) with a name for each value. */
export type TagType = "bool" | NumericType | "string" | "enum";

/** When a tag is read: in one of the plant's scan classes, once after every return of its device, or when asked for. */
export type ScanClass = string;
export const ONCE: ScanClass = "once";
export const ON_DEMAND: ScanClass = "onDemand";

/** One named value of a device: where it lies, how it is read, scaled, judged, published and written. */
export interface Tag {
  readonly name: string;
  readonly title: string | undefined;
  readonly at: Location;
  readonly type: TagType;
  /** Consecutive values of this type; undefined for a single one. */
  readonly count: number | undefined;
  /** Bytes of a string. */
  readonly length: number | undefined;
  readonly order: ByteOrder;
  /** Engineering value = raw * scale + offset. */
  readonly scale: number;
  readonly offset: number;
  readonly unit: string | undefined;
  /** Raw values that mean "no value". */
  readonly invalid: readonly (number | bigint | string)[];
  /** Engineering values outside are bad. */
  readonly valid: Range | undefined;
  /** Names of an enumeration by raw value. */
  readonly values: ReadonlyMap<number, string> | undefined;
  readonly scanClass: ScanClass;
  /** How old a good value may be; undefined: 2.5 of its periods. */
  readonly maxAge: Ms | undefined;
  /** Tags of one group come from one transaction, or from none. */
  readonly group: string | undefined;
  readonly report: ReportRule;
  readonly write: WriteRule | undefined;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** When a change is worth a message. A change of quality always is. */
export interface ReportRule {
  readonly deadband: number;
  readonly minInterval: Ms;
  /** Published at least this often, changed or not; undefined: only on change. */
  readonly maxInterval: Ms | undefined;
}

/** How a tag is written. Levels are kept true; pulses are done at most once. */
export interface WriteRule {
  readonly kind: "level" | "pulse";
  readonly range: Range | undefined;
  /** How fast the written value of a level may move, in engineering units; undefined: at once. The safe value always is. */
  readonly ramp: PerSecond | undefined;
  /** By how much a command may change it at once, in engineering units. The safe value always may be written. */
  readonly maxChange: number | undefined;
  /** Interlock: what has to hold, on good inputs of the same device, for anything but the safe value. */
  readonly requires: readonly Condition[];
  /** Who may command it. */
  readonly role: Role;
  /** What is written on an orderly stop; `hold` leaves the output alone; undefined: nobody said. */
  readonly safe: { readonly value: Value } | "hold" | undefined;
  readonly verify: Verify;
  /** Written and read back in one request, FC 23. */
  readonly readWrite: boolean;
  /** A level is written again this often even when nothing changed; undefined: only when it must be. */
  readonly refresh: Ms | undefined;
  /** What becomes of a level when its device was away. */
  readonly onReturn: "safe" | "hold" | "reassert";
}

/** How it is known that a write had its effect. */
export type Verify =
  | { readonly by: "readback"; readonly tolerance: number; readonly within: Ms }
  | { readonly by: "expect"; readonly tag: string; readonly equals: Value; readonly within: Ms }
  | { readonly by: "echo" }
  | { readonly by: "none" };
