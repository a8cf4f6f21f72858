import { unreachable } from "../../kit/invariant.ts";
import type { Instant, Ms } from "../../kit/time.ts";

/** Whether a program controls its outputs. */
export type ProgramState =
  | { readonly state: "running" }
  /** It reads tags that are not good; after its grace its outputs are `safe`. */
  | {
      readonly state: "blind";
      readonly since: Instant;
      readonly tag: string | undefined;
      readonly reason: string;
      readonly safe: boolean;
    }
  /** It made a mistake and does not run any more. */
  | { readonly state: "stopped"; readonly reason: string };

export type ProgramEvent =
  | { readonly kind: "ran" }
  | { readonly kind: "blind"; readonly at: Instant; readonly tag: string; readonly reason: string }
  /** A cycle in which it was not due. */
  | { readonly kind: "passed"; readonly at: Instant }
  | { readonly kind: "failed"; readonly reason: string };

/** Before its first run: nothing has been read. */
export function newProgram(at: Instant): ProgramState {
  return { state: "blind", since: at, tag: undefined, reason: "neverRead", safe: false };
}

/** What becomes of a program that may be blind for `grace`. */
export function nextProgram(before: ProgramState, event: ProgramEvent, grace: Ms): ProgramState {
  if (before.state === "stopped") return before;
  switch (event.kind) {
    case "ran":
      return before.state === "running" ? before : { state: "running" };
    case "failed":
      return { state: "stopped", reason: event.reason };
    case "blind": {
      const { at, tag, reason } = event;
      const since = before.state === "blind" ? before.since : at;
      return { state: "blind", since, tag, reason, safe: at - since > grace };
    }
    case "passed":
      if (before.state === "running" || before.safe) return before;
      return event.at - before.since > grace ? { ...before, safe: true } : before;
    default:
      return unreachable(event);
  }
}
