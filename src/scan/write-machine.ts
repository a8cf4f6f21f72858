import type { WriteResult } from "../device/outcome.ts";
import type { Value } from "../device/quality.ts";
import { describeFailure, type Failure, failurePolicy } from "../modbus/failure.ts";
import { type Instant, type Ms, ms, plus } from "../kit/time.ts";
import { unreachable } from "../kit/invariant.ts";

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
  /** Times the slave said busy. */
  readonly busy: number;
  /** What is known to be wrong so far. */
  readonly doubt: Doubt | undefined;
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
const FIRST_PAUSE = ms(50);
const LONGEST_PAUSE = ms(800);

export function newWrite(at: Instant): WriteState {
  return { state: "waiting", notBefore: at, tries: 0, reached: undefined, busy: 0, doubt: undefined };
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
    case "seen":
      return write.state === "verifying" ? onSeen(write, event.seen, rules) : write;
    case "withdrawn":
      return onWithdrawn(write, event.reason, rules);
    default:
      return unreachable(event);
  }
}

type Open = Exclude<WriteState, { state: "done" }>;

function progressOf({ tries, reached, busy, doubt }: Open): Progress {
  return { tries, reached, busy, doubt };
}

function reached(write: Open, at: Instant): Progress {
  return { ...progressOf(write), reached: write.reached ?? at };
}

function onTick(write: Open, at: Instant, rules: WriteRules): WriteState {
  if (write.state === "sending") return write;
  if (write.state === "verifying") return at > write.by ? inDoubt(write, rules, "its effect was not seen") : write;
  if (write.reached === undefined) return at > rules.sendBy ? expired(write) : write;
  return at > plus(write.reached, rules.within) ? inDoubt(write, rules, "not confirmed") : write;
}

function expired(write: Progress): WriteState {
  const why = write.doubt ? ` (${write.doubt.reason})` : "";
  return done("expired", `its time to live ran out before it could be sent${why}`, undefined, undefined);
}

function onConfirmed(write: Progress, event: WriteEvent & { kind: "confirmed" }, rules: WriteRules): WriteState {
  if (rules.verified === "no") return done("acknowledged", undefined, rules.value, undefined);
  const verifying = { ...write, doubt: undefined, state: "verifying", by: deadline(write, event.at, rules) } as const;
  return event.seen ? onSeen(verifying, event.seen, rules, event.at) : verifying;
}

/** A level that reads back otherwise is written again, a pulse only looked at again. */
function onSeen(write: Open & { state: "verifying" }, seen: Seen, rules: WriteRules, at?: Instant): WriteState {
  if (seen.agrees) return done("verified", undefined, rules.value, seen.value);
  const doubt: Doubt = { outcome: "failed", reason: seen.description, readback: seen.value };
  const again = rules.repeatable && rules.verified === "byReadback" && at !== undefined;
  if (!again) return { ...write, doubt };
  return { ...progressOf(write), doubt, state: "waiting", notBefore: plus(at, pause(write.tries)) };
}

function onFailed(write: Open, event: WriteEvent & { kind: "failed" }, rules: WriteRules): WriteState {
  const reason = describeFailure(event.failure);
  if (event.part === "readback") return notReadBack(reached(write, event.at), event.at, reason, rules);
  const fate = failurePolicy(event.failure).write;
  if (event.part === "fetch" && fate === "unknown") return notExecuted(write, event.at, reason);
  switch (fate) {
    case "refused":
      return done("refused", reason, rules.value, undefined);
    case "accepted":
      return onConfirmed(reached(write, event.at), { kind: "confirmed", at: event.at, seen: undefined }, rules);
    case "busy":
      return onBusy(write, event.at, reason, rules);
    case "failed":
      return event.failure.kind === "notSent"
        ? notExecuted(write, event.at, reason)
        : done("failed", reason, rules.value, undefined);
    case "unknown":
      return onUnknown(reached(write, event.at), event.at, reason, rules);
    default:
      return unreachable(fate);
  }
}

/** Nothing happened at the slave: tried again until its time to live ends. */
function notExecuted(write: Open, at: Instant, reason: string): WriteState {
  const doubt = write.doubt ?? { outcome: "failed", reason, readback: undefined };
  return { ...progressOf(write), doubt, state: "waiting", notBefore: plus(at, FIRST_PAUSE) };
}

function onBusy(write: Open, at: Instant, reason: string, rules: WriteRules): WriteState {
  if (write.busy + 1 >= MOST_BUSY) return done("failed", `${reason}, ${MOST_BUSY} times`, rules.value, undefined);
  const waiting = { ...progressOf(write), busy: write.busy + 1 };
  return { ...waiting, state: "waiting", notBefore: plus(at, pause(waiting.busy)) };
}

function onUnknown(write: Progress, at: Instant, reason: string, rules: WriteRules): WriteState {
  if (!rules.repeatable) return done("unknown", reason, rules.value, undefined);
  const doubt: Doubt = { outcome: "unknown", reason, readback: undefined };
  return { ...write, doubt, state: "waiting", notBefore: plus(at, pause(write.tries)) };
}

function notReadBack(write: Progress, at: Instant, reason: string, rules: WriteRules): WriteState {
  const doubt: Doubt = { outcome: "unknown", reason: `confirmed, but not read back: ${reason}`, readback: undefined };
  return { ...write, doubt, state: "verifying", by: deadline(write, at, rules) };
}

/** A write under way is settled by its own answer; anything else ends here. */
function onWithdrawn(write: Open, reason: string, rules: WriteRules): WriteState {
  if (write.reached === undefined && write.state === "waiting") return done("rejected", reason, undefined, undefined);
  if (write.state === "verifying") return done("acknowledged", `not verified: ${reason}`, rules.value, undefined);
  return inDoubt(write, rules, reason);
}

function inDoubt(write: Progress, rules: WriteRules, otherwise: string): WriteState {
  const { outcome, reason, readback } = write.doubt ?? {
    outcome: "unknown" as const,
    reason: otherwise,
    readback: undefined,
  };
  return done(outcome, reason, rules.value, readback);
}

function deadline(write: Progress, at: Instant, rules: WriteRules): Instant {
  return plus(write.reached ?? at, rules.within);
}

function pause(tries: number): Ms {
  return ms(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.max(0, tries - 1)));
}

function done(
  outcome: WriteResult["outcome"],
  reason: string | undefined,
  sent: Value | undefined,
  readback: Value | undefined,
): WriteState {
  return { state: "done", result: { outcome, reason, sent, readback } };
}
