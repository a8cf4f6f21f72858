import type { Ms } from "../../src/kit/time.ts";

/** What may be wrong with one transaction, on its way or in its answer. */
export type TransactionFault =
  /** The request never reaches the unit: nothing is executed, nothing answered. */
  | { readonly kind: "lost" }
  /** The unit does what it was told, and its answer is lost. */
  | { readonly kind: "answerLost" }
  /** The unit refuses with this code and does nothing. */
  | { readonly kind: "exception"; readonly code: number }
  | { readonly kind: "late"; readonly by: Ms }
  /** The answer comes in two parts. */
  | { readonly kind: "split"; readonly gap: Ms }
  /** The answer comes one byte at a time. */
  | { readonly kind: "dribble"; readonly gap: Ms }
  /** The answer is held back and comes in one piece with the unit's next one. */
  | { readonly kind: "merged" }
  /** The answer comes twice, without a pause between. */
  | { readonly kind: "repeated" }
  /** One to three bits of the frame are turned: a check sum notices that always. */
  | { readonly kind: "garbled" }
  | { readonly kind: "badCrc" }
  /** One to eight characters that mean nothing; half of the time they look like the beginning of a frame. */
  | { readonly kind: "noise"; readonly where: "before" | "after" }
  /** The answer names another unit: `as`, or one that is not on the line. */
  | { readonly kind: "wrongUnit"; readonly as?: number }
  | { readonly kind: "wrongFunction" }
  /** A write is answered with another address or another value; reads are answered as ever. */
  | { readonly kind: "wrongEcho"; readonly part: "address" | "value" }
  /** A read is answered with more or fewer bytes than were asked for, or than it says. */
  | { readonly kind: "wrongByteCount" }
  /** Another slave has the same number: it answers too, at its own time and with its own values. */
  | { readonly kind: "duplicate" }
  /** The unit sends at another baud rate: what arrives is garbage of another length. */
  | { readonly kind: "wrongBaudRate" }
  /** The answer carries a transaction id that is another one's. */
  | { readonly kind: "wrongTransaction" }
  | { readonly kind: "wrongProtocol" }
  /** The header says a length that no frame has. */
  | { readonly kind: "wrongLength" }
  /** The connection is reset in the middle of the answer. */
  | { readonly kind: "reset" }
  /** The connection on which the request came stays open and is dead from then on. */
  | { readonly kind: "halfOpen" };

/** What is wrong with a line as long as it lasts. */
export type StandingFault =
  /** A unit that talks without being asked, about this often. */
  | { readonly kind: "babble"; readonly every: Ms }
  /** Somebody else asks the units of this line about this often: for their first registers, or who they are (FC 17). */
  | { readonly kind: "secondMaster"; readonly every: Ms; readonly asks?: "registers" | "identity" }
  /** The master hears what it sends. */
  | { readonly kind: "echo" }
  /** The units lose their supply: silent for `off`, then refusing everything with `code` for `boot`, then well again. */
  | { readonly kind: "brownOut"; readonly off: Ms; readonly boot: Ms; readonly code: number }
  /**
   * One of the faults of a transaction that a master can notice by itself, another one each time. Answers are at most
   * `latest` late, 300 ms where it is not given: it has to end while the master still leaves the unit alone.
   */
  | { readonly kind: "any"; readonly latest?: Ms };

export type Fault = TransactionFault | StandingFault;

/** Whom and how often it hits. */
export interface Aim {
  /** Absent: every unit of the line. */
  readonly unit?: number;
  /** Share of the transactions, above 0 to 1 (default). */
  readonly rate?: number;
  /** After so many transactions it is over. */
  readonly times?: number;
}

export type LineFault = Fault & Aim;

export type FaultKind = Fault["kind"];

export type Medium = "serial" | "tcp";

/** Where each fault can be. Two TCP frames are never garbled: TCP has check sums of its own. */
export const MEDIA: Readonly<Record<FaultKind, readonly Medium[]>> = {
  lost: ["serial", "tcp"],
  answerLost: ["serial", "tcp"],
  exception: ["serial", "tcp"],
  late: ["serial", "tcp"],
  split: ["serial", "tcp"],
  dribble: ["serial", "tcp"],
  merged: ["serial", "tcp"],
  repeated: ["serial", "tcp"],
  garbled: ["serial"],
  badCrc: ["serial"],
  noise: ["serial"],
  wrongUnit: ["serial", "tcp"],
  wrongFunction: ["serial", "tcp"],
  wrongEcho: ["serial", "tcp"],
  wrongByteCount: ["serial", "tcp"],
  duplicate: ["serial"],
  wrongBaudRate: ["serial"],
  wrongTransaction: ["tcp"],
  wrongProtocol: ["tcp"],
  wrongLength: ["tcp"],
  reset: ["tcp"],
  halfOpen: ["tcp"],
  babble: ["serial"],
  secondMaster: ["serial"],
  echo: ["serial"],
  brownOut: ["serial", "tcp"],
  any: ["serial", "tcp"],
};

export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(MEDIA, text);
}
