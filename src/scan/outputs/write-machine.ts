import type { WriteResult } from "../../device/outcome.ts";
import type { Value } from "../../device/quality.ts";
import { describeFailure, type Failure, failurePolicy } from "../../modbus/failure.ts";
import { doubling } from "../../kit/backoff.ts";
import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import { unreachable } from "../../kit/invariant.ts";

/** Where one write stands. Pure: the shell sends, reads and keeps the time, and tells what happened. */
export type WriteState =
  /** To be sent at `notBefore`, for the first time or again. */
  | (Progress & { readonly state: "waiting"; readonly notBefore: Instant })
  /** Handed to the line and not settled. */
  | (Progress & { readonly state: "sending" })
  /** The slave confirmed; its effect is looked for until `by`. */
  | (Progress & { readonly state: "verifying"; readonly by: Instant })
  | { readonly state: "done"; readonly result: WriteResult };

export interface Progress {
  /** Times it was handed to the line. */
  readonly tries: number;
  /** When it first may have reached the slave; undefined: it certainly never has. */
  readonly reached: Instant | undefined;
  /** Times the slave certainly did not do it: it said busy, or refused it together with its neighbours. */
  readonly turnedAway: number;
  /** What is known to be wrong so far. */
  readonly doubt: Doubt | undefined;
  /** Why it is not tried again; undefined: it may be. */
  readonly withdrawn: string | undefined;
}

interface Doubt {
  readonly outcome: "failed" | "unknown";
  readonly reason: string;
  readonly readback: Value | undefined;
}

export type WriteEvent =
  /** Time passes; sent at every cycle. */
  | { readonly kind: "tick"; readonly at: Instant }
  | { readonly kind: "sent"; readonly at: Instant }
  /** The slave confirmed; `seen` when the same transaction read the tag back. */
  | { readonly kind: "confirmed"; readonly at: Instant; readonly seen: Seen | undefined }
  /** `part` is the step that failed: a failed readback follows a confirmed write. */
  | {
      readonly kind: "failed";
      readonly at: Instant;
      readonly part: "fetch" | "write" | "readback";
      readonly failure: Failure;
    }
  /** Refused together with its neighbours, any of which may have been the reason. */
  | { readonly kind: "turnedAway"; readonly at: Instant; readonly failure: Failure }
  /** What is looked at to verify (the tag itself, or the one its profile names) was read later. */
  | { readonly kind: "seen"; readonly at: Instant; readonly seen: Seen }
  /** Something newer is wanted of the tag, or the master stops: no further try. */
  | { readonly kind: "withdrawn"; readonly at: Instant; readonly reason: string };

export interface Seen {
  readonly agrees: boolean;
  readonly value: Value | undefined;
  /** What was looked at, for people: `reads back 0.3`, `running is false`. */
  readonly description: string;
}

export interface WriteRules {
  readonly value: Value;
  /** Levels may be written again; pulses never once they may have reached the slave. */
  readonly repeatable: boolean;
  /** Expires unsent after this. */
  readonly sendBy: Instant;
  readonly verified: "byReadback" | "byTag" | "no";
  /** How long after it first may have reached the slave the effect is waited for. */
  readonly within: Ms;
}

/** Exception 06 says "not executed": try again after 50, 100, … ms, at most this often. */
const MOST_BUSY = 5;
const PAUSES = { first: ms(50), most: ms(800) };

export function newWrite(at: Instant): WriteState {
  return {
    state: "waiting",
    notBefore: at,
    tries: 0,
    reached: undefined,
    turnedAway: 0,
    doubt: undefined,
    withdrawn: undefined,
  };
}

export function nextWrite(write: WriteState, event: WriteEvent, rules: WriteRules): WriteState {
  if (write.state === "done") return write;
  switch (event.kind) {
    case "tick":
      return onTick(write, event.at, rules);
    case "sent":
      return { ...progressOf(write), state: "sending", tries: write.tries + 1 };
    case "confirmed":
      return onConfirmed(reached(write, event.at), event, rules);
    case "failed":
      return onFailed(write, event, rules);
    case "turnedAway":
      return onTurnedAway(write, event.at, describeFailure(event.failure), rules);
    case "seen":
      return write.state === "verifying" ? onSeen(write, event.seen, rules) : write;
    case "withdrawn":
      return onWithdrawn(write, event.reason, rules);
    default:
      return unreachable(event);
  }
}

type Open = Exclude<WriteState, { state: "done" }>;

function progressOf({ tries, reached, turnedAway, doubt, withdrawn }: Open): Progress {
  return { tries, reached, turnedAway, doubt, withdrawn };
}

function reached(write: Open, at: Instant): Progress {
  return { ...progressOf(write), reached: write.reached ?? at };
}

function onTick(write: Open, at: Instant, rules: WriteRules): WriteState {
  if (write.state === "sending") return write;
  if (write.state === "verifying") return at > write.by ? inDoubt(write, rules, "its effect was not seen") : write;
  if (write.reached === undefined) return at > rules.sendBy ? tooLate(write, rules) : write;
  return at > deadline(write, at, rules) ? inDoubt(write, rules, "not confirmed") : write;
}

/** What the slave turned away was sent, and is known not to have been executed. */
function tooLate(write: Progress, rules: WriteRules): WriteState {
  const why = write.doubt ? ` (${write.doubt.reason})` : "";
  return write.turnedAway > 0
    ? done("failed", `its time to live ran out${why}`, rules.value, undefined)
    : done("expired", `its time to live ran out before it could be sent${why}`, undefined, undefined);
}

function onConfirmed(write: Progress, event: WriteEvent & { kind: "confirmed" }, rules: WriteRules): WriteState {
  if (rules.verified === "no") return done("acknowledged", undefined, rules.value, undefined);
  const verifying = { ...write, doubt: undefined, state: "verifying", by: deadline(write, event.at, rules) } as const;
  if (event.seen) return onSeen(verifying, event.seen, rules, event.at);
  return unlessWithdrawn(verifying, rules);
}

/** A level that reads back otherwise is written again, a pulse only looked at again. */
function onSeen(write: Open & { state: "verifying" }, seen: Seen, rules: WriteRules, at?: Instant): WriteState {
  if (seen.agrees) return done("verified", undefined, rules.value, seen.value);
  const doubt: Doubt = { outcome: "failed", reason: seen.description, readback: seen.value };
  const again = rules.repeatable && rules.verified === "byReadback" && at !== undefined;
  if (again) return tryAgain({ ...progressOf(write), doubt }, plus(at, doubling(write.tries, PAUSES)), rules);
  return unlessWithdrawn({ ...write, doubt }, rules);
}

function onFailed(write: Open, event: WriteEvent & { kind: "failed" }, rules: WriteRules): WriteState {
  const reason = describeFailure(event.failure);
  if (event.part === "readback") return notReadBack(reached(write, event.at), event.at, reason, rules);
  const fate = failurePolicy(event.failure).write;
  const onlyRead = event.part === "fetch" && (fate === "unknown" || fate === "accepted");
  if (onlyRead || event.failure.kind === "notSent") return notExecuted(write, event.at, reason, rules);
  switch (fate) {
    case "refused":
      return onRefused(write, reason, rules);
    case "accepted":
      return onConfirmed(reached(write, event.at), { kind: "confirmed", at: event.at, seen: undefined }, rules);
    case "busy":
      return onBusy(write, event.at, reason, rules);
    case "failed":
      return givenUp(write, reason, rules);
    case "unknown":
      return onUnknown(reached(write, event.at), event.at, reason, rules);
    default:
      return unreachable(fate);
  }
}

/** The slave did not do it this time; what an earlier try did is another matter. */
function onRefused(write: Open, reason: string, rules: WriteRules): WriteState {
  if (write.reached === undefined) return done("refused", reason, rules.value, undefined);
  const doubt = write.doubt ?? UNKNOWN;
  const told = doubt.reason === undefined ? reason : `${doubt.reason}; tried again: ${reason}`;
  return done(doubt.outcome, told, rules.value, doubt.readback);
}

/** Nothing happened at the slave: tried again until its time to live ends. */
function notExecuted(write: Open, at: Instant, reason: string, rules: WriteRules): WriteState {
  const doubt = write.doubt ?? { outcome: "failed", reason, readback: undefined };
  return tryAgain({ ...progressOf(write), doubt }, plus(at, PAUSES.first), rules);
}

function onBusy(write: Open, at: Instant, reason: string, rules: WriteRules): WriteState {
  const turnedAway = write.turnedAway + 1;
  if (turnedAway >= MOST_BUSY) return givenUp(write, `${reason}, ${MOST_BUSY} times`, rules);
  const doubt = write.doubt ?? { outcome: "failed", reason, readback: undefined };
  return tryAgain({ ...progressOf(write), turnedAway, doubt }, plus(at, doubling(turnedAway, PAUSES)), rules);
}

/** It goes by itself, at once. */
function onTurnedAway(write: Open, at: Instant, reason: string, rules: WriteRules): WriteState {
  const doubt: Doubt = { outcome: "failed", reason: `${reason}, together with its neighbours`, readback: undefined };
  return tryAgain({ ...progressOf(write), turnedAway: write.turnedAway + 1, doubt }, at, rules);
}

function onUnknown(write: Progress, at: Instant, reason: string, rules: WriteRules): WriteState {
  const doubt: Doubt = { outcome: "unknown", reason, readback: undefined };
  if (!rules.repeatable) return inDoubt({ ...write, doubt }, rules, reason);
  return tryAgain({ ...write, doubt }, plus(at, doubling(write.tries, PAUSES)), rules);
}

function notReadBack(write: Progress, at: Instant, reason: string, rules: WriteRules): WriteState {
  const doubt: Doubt = { outcome: "unknown", reason: `confirmed, but not read back: ${reason}`, readback: undefined };
  return unlessWithdrawn({ ...write, doubt, state: "verifying", by: deadline(write, at, rules) }, rules);
}

/** The only way back to sending. */
function tryAgain(write: Progress, notBefore: Instant, rules: WriteRules): WriteState {
  if (write.withdrawn !== undefined) return withdrawn(write, write.withdrawn, rules);
  return { ...write, state: "waiting", notBefore };
}

/** A write under way is settled by its own answer; anything else ends here. */
function onWithdrawn(write: Open, reason: string, rules: WriteRules): WriteState {
  if (write.state === "sending") return { ...write, withdrawn: write.withdrawn ?? reason };
  if (write.state === "verifying") return unlessWithdrawn({ ...write, withdrawn: reason }, rules);
  return withdrawn(write, reason, rules);
}

function withdrawn(write: Progress, reason: string, rules: WriteRules): WriteState {
  const untouched = write.reached === undefined && write.turnedAway === 0;
  return untouched ? done("rejected", reason, undefined, undefined) : givenUp(write, reason, rules);
}

/** The slave confirmed; nobody waits for the effect any more. */
function unlessWithdrawn(write: Open & { state: "verifying" }, rules: WriteRules): WriteState {
  if (write.withdrawn === undefined) return write;
  return done("acknowledged", `not verified: ${write.withdrawn}`, rules.value, undefined);
}

/** Known not to have happened, unless an earlier try may have reached the slave. */
function givenUp(write: Progress, reason: string, rules: WriteRules): WriteState {
  if (write.reached !== undefined) return inDoubt(write, rules, reason);
  return done("failed", reason, rules.value, undefined);
}

function inDoubt(write: Progress, rules: WriteRules, otherwise: string): WriteState {
  const { outcome, reason, readback } = write.doubt ?? UNKNOWN;
  return done(outcome, reason ?? otherwise, rules.value, readback);
}

const UNKNOWN = { outcome: "unknown", reason: undefined, readback: undefined } as const;

function deadline(write: Progress, at: Instant, rules: WriteRules): Instant {
  return plus(write.reached ?? at, rules.within);
}

function done(
  outcome: WriteResult["outcome"],
  reason: string | undefined,
  sent: Value | undefined,
  readback: Value | undefined,
): WriteState {
  return { state: "done", result: { outcome, reason, sent, readback } };
}
