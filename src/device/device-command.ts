import type { Ms } from "../kit/time.ts";
import type { Condition } from "./condition.ts";
import type { Operand } from "./operand.ts";
import type { Value } from "./quality.ts";
import type { Role } from "./role.ts";
import type { Range } from "./tag.ts";

/** Something a device can be asked to do, as steps its profile declares. */
export interface DeviceCommand {
  readonly name: string;
  readonly title: string | undefined;
  readonly args: ReadonlyMap<string, CommandArg>;
  /** What has to hold before the first step, on good inputs. */
  readonly requires: readonly Condition<Operand>[];
  readonly steps: readonly CommandStep[];
  /** Done when a step did not succeed after something may have reached the device: writes and waits. */
  readonly otherwise: readonly CommandStep[];
  /** It has to be armed first, and called within this time; undefined: it is simply called. */
  readonly arm: Ms | undefined;
  /** It stops what is under way for its device, is tried even when the device is offline, and waits for no budget. */
  readonly preempts: boolean;
  readonly role: Role;
}

export const ARG_TYPES = ["number", "integer", "bool", "string", "enum"] as const;

export interface CommandArg {
  readonly name: string;
  readonly title: string | undefined;
  readonly type: (typeof ARG_TYPES)[number];
  readonly unit: string | undefined;
  readonly range: Range | undefined;
  /** What an enum may be. */
  readonly values: readonly string[];
  /** Undefined: the caller has to give it. */
  readonly default: Value | undefined;
}

export type CommandStep =
  /** In the order written, each after the outcome of the one before. */
  | { readonly kind: "write"; readonly writes: readonly StepWrite[] }
  /** Waits until all hold at once. */
  | ({ readonly kind: "expect"; readonly conditions: readonly Condition<Operand>[] } & Patience)
  | { readonly kind: "wait"; readonly span: Ms };

/** How long an effect is waited for. */
export interface Patience {
  readonly within: Ms;
  /** A tag is read so seldom that its reading says what is, not what was within the time the profile gives. */
  readonly seldom: boolean;
}

export interface StepWrite {
  readonly tag: string;
  readonly value: Operand;
}
