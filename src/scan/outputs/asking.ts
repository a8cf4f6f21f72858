import type { Role } from "../../device/role.ts";

/** Who wants a write, and how far it may go. */
export interface Asking {
  /** Which way it came: `mqtt`, `cli`, or the master itself: `level`, `interlock`, `stop`, `program sorting`. */
  readonly origin: string;
  /** Who says to have asked. */
  readonly by?: string | undefined;
  /** Of the command. */
  readonly id?: string | undefined;
  readonly role: Role;
  /** A stop: tried although the device is offline, and nothing makes it wait. */
  readonly urgent: boolean;
}

/** The master of its own accord: to keep what was asked for, or to make safe. */
export function ownAsking(origin: string): Asking {
  return { origin, role: "engineer", urgent: false };
}
