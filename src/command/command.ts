import { type Outcome, sentNothing, type WriteResult } from "../device/outcome.ts";
import type { Role } from "../device/role.ts";
import type { Value } from "../device/quality.ts";
import type { Instant, Ms } from "../kit/time.ts";

export type { Outcome, WriteResult } from "../device/outcome.ts";

/** What all commands have in common. Nothing in them has been checked against the plant yet. */
export interface Asked {
  /** Chosen by the asker; a second command to the device with the same id gets the outcome of the first. */
  readonly id: string;
  readonly device: string;
  /** How long it may wait to be sent; less than 0: it came too late. */
  readonly ttl: Ms;
  readonly receivedAt: Instant;
  /** Which way it came, for permissions and the audit: `mqtt`, `cli`. */
  readonly origin: string;
  /** The role it came with; undefined: that of its way. */
  readonly role?: Role | undefined;
  /** Who says to have asked, for the audit alone. */
  readonly by?: string | undefined;
}

/** Asks to write tags of one device, in the order given. */
export interface SetCommand extends Asked {
  readonly set: readonly (readonly [tag: string, value: Value])[];
}

/** Asks for a command of the device's profile. */
export interface CallCommand extends Asked {
  readonly call: string;
  readonly args: readonly (readonly [arg: string, value: Value])[];
  /** The id of the request that armed it. */
  readonly armed?: string | undefined;
}

/** Asks that a command of the device's profile may be called within the time its profile gives. */
export interface ArmCommand extends Asked {
  readonly arm: string;
}

export type Command = SetCommand | CallCommand | ArmCommand;

export interface CommandResult {
  readonly id: string;
  readonly device: string;
  readonly outcome: Outcome;
  /** For people; always given unless the outcome is verified or acknowledged. */
  readonly reason: string | undefined;
  /** By tag; a tag written again as `run#2`, and what was written because a step did not succeed as `otherwise.run`. */
  readonly results: Readonly<Record<string, WriteResult>>;
  /** From receipt to outcome. */
  readonly took: Ms;
}

/** Askers number their commands per device. */
export function commandKey({ id, device }: Pick<Asked, "id" | "device">): string {
  return `${device}/${id}`;
}

/** No part of it has left the master: doing it after all does no harm. */
export function leftNothing({ results }: CommandResult): boolean {
  return Object.values(results).every(({ outcome }) => sentNothing(outcome));
}
