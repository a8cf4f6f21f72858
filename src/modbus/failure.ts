import { unreachable } from "../kit/invariant.ts";
import type { Ms } from "../kit/time.ts";
import { exceptionName } from "./exception.ts";

/** Everything that can keep a request from being answered. Closed: a switch over `kind` is complete. */
export type Failure =
  /** Nothing left the master: the line is down, the queue was full, the time to send it ran out, or we are closing. */
  | { readonly kind: "notSent"; readonly reason: NotSentReason }
  /** The connection went away while the request was under way. */
  | { readonly kind: "lineLost"; readonly reason: string }
  | { readonly kind: "timeout"; readonly after: Ms }
  /** What came back was no intact frame (RTU). */
  | { readonly kind: "damaged"; readonly reason: string }
  /** A well-formed answer to something else: other function, echo, or byte count. */
  | { readonly kind: "mismatch"; readonly reason: string }
  | { readonly kind: "exception"; readonly code: number };

export type NotSentReason = "line down" | "queue full" | "too late" | "closing";

/** What became of a write that failed this way. */
export type WriteFate =
  /** Known not to have had its effect. */
  | "failed"
  /** The slave said no. */
  | "refused"
  /** It may or may not have happened. */
  | "unknown"
  /** The slave took it and is still working on it. */
  | "accepted"
  /** Not executed now; worth another try after a pause. */
  | "busy";

/** How a failure is to be taken: the one table everybody asks (docs/faults.md explains every row). */
export interface FailurePolicy {
  readonly hurtsHealth: "no" | "yes" | "whenRepeated";
  readonly write: WriteFate;
}

export function failurePolicy(failure: Failure): FailurePolicy {
  switch (failure.kind) {
    case "notSent":
      return { hurtsHealth: "no", write: "failed" };
    case "lineLost":
      return { hurtsHealth: "no", write: "unknown" };
    case "timeout":
    case "damaged":
      return { hurtsHealth: "yes", write: "unknown" };
    case "mismatch":
      return { hurtsHealth: "whenRepeated", write: "unknown" };
    case "exception":
      return exceptionPolicy(failure.code);
    default:
      return unreachable(failure);
  }
}

function exceptionPolicy(code: number): FailurePolicy {
  switch (code) {
    case 1:
    case 2:
    case 3:
      return { hurtsHealth: "no", write: "refused" };
    case 5:
      return { hurtsHealth: "no", write: "accepted" };
    case 6:
      return { hurtsHealth: "no", write: "busy" };
    case 10:
      return { hurtsHealth: "yes", write: "failed" };
    case 11:
      return { hurtsHealth: "yes", write: "unknown" };
    default:
      return { hurtsHealth: "whenRepeated", write: "unknown" };
  }
}

/** One line for people: `exception 02 illegal data address`. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case "notSent":
      return `not sent: ${failure.reason}`;
    case "lineLost":
      return `line lost: ${failure.reason}`;
    case "timeout":
      return `no answer within ${Math.round(failure.after)} ms`;
    case "damaged":
      return `damaged frame: ${failure.reason}`;
    case "mismatch":
      return `wrong answer: ${failure.reason}`;
    case "exception":
      return `exception ${exceptionName(failure.code)}`;
    default:
      return unreachable(failure);
  }
}
