import type { WriteResult } from "../../device/outcome.ts";
import type { Value } from "../../device/quality.ts";
import type { Instant } from "../../kit/time.ts";
import type { Asking } from "./asking.ts";
import { isSafe, type Passed } from "./output-gate.ts";
import type { OutputWrite } from "./output-write.ts";

/** What a write is for: a command moves its level, a correction or a refreshment keeps it, the rest leaves it alone. */
export type Purpose = "command" | "step" | "correction" | "refresh" | "heartbeat" | "safe";

/** How a write begins. */
export interface Beginning {
  readonly sendBy: Instant;
  readonly purpose: Purpose;
  /** Undefined: it is not told by itself, a step of a ramp or a heartbeat. */
  readonly asking?: Asking | undefined;
  /** The write it was asked for behind: it goes in one request with that, or when that has succeeded. */
  readonly behind?: PendingWrite | undefined;
}

/** A write under way. */
export interface ActiveWrite {
  readonly write: OutputWrite;
  readonly purpose: Purpose;
  readonly asking: Asking | undefined;
  /** As in {@link Beginning}. */
  readonly behind: PendingWrite | undefined;
  /** What the output held before, as far as it was known. */
  readonly old: Value | null;
  /** Its device went away since it began: what its level becomes is for the device's return to say. */
  left: boolean;
  /** Something else is wanted by now: its outcome says nothing of the level. */
  moot: boolean;
}

/** A write that has a result once the cycles have carried it out. */
export interface PendingWrite {
  readonly result: WriteResult | undefined;
  /** No further try; what is under way is settled by its own answer. */
  withdraw(reason: string): void;
}

/** Levels with a ramp move along it; their safe value stops them at once. */
export function isRamped(passed: Passed): boolean {
  return passed.rule.ramp !== undefined && passed.rule.kind === "level" && !isSafe(passed);
}

/** Nothing stands in the way of a stop: neither a device that seems to be away nor the budget of its line. */
export function isStop({ purpose, asking }: Pick<ActiveWrite, "purpose" | "asking">): boolean {
  return purpose === "safe" || asking?.urgent === true;
}
