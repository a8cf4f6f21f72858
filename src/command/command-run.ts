import { type Outcome, sentNothing, succeeded, worse } from "../device/outcome.ts";
import { formatDuration } from "../kit/duration.ts";
import { unreachable } from "../kit/invariant.ts";
import { type Instant, type Ms, plus } from "../kit/time.ts";

/** One step, as far as the machine cares: the shell writes and looks, and tells what came of it. */
export type Action =
  | { readonly kind: "write" }
  /** `wanted` is for people: `running is true`. */
  | { readonly kind: "expect"; readonly wanted: string; readonly within: Ms }
  | { readonly kind: "wait"; readonly span: Ms };

export interface RunRules {
  readonly steps: Phase;
  /** What is done when a step did not succeed. */
  readonly otherwise: Phase;
}

export interface Phase {
  readonly actions: readonly Action[];
  /** Not longer than this, whatever its actions do. */
  readonly limit: Ms;
}

/** Where one call of a command stands. Pure. */
export type CommandRun =
  RunningCommand | { readonly state: "done"; readonly outcome: Outcome; readonly reason: string | undefined };

export interface RunningCommand {
  readonly state: "running";
  readonly phase: "steps" | "otherwise";
  /** Index of the present action. */
  readonly at: number;
  /** When the present action began; an expectation is not met by what was read before. */
  readonly since: Instant;
  /** When the present phase began. */
  readonly begun: Instant;
  /** Something may have reached the device. */
  readonly reached: boolean;
  /** A write was confirmed whose effect nobody has seen yet. */
  readonly unseen: boolean;
  /** Why it is to go no further, while its last write is still under way. */
  readonly ending: Ending | undefined;
  /** How the steps ended; known while it does what it does otherwise. */
  readonly verdict: Verdict | undefined;
}

interface Ending {
  readonly reason: string;
  /** Something else has taken over the device: nothing more is written. */
  readonly takenOver: boolean;
}

interface Verdict {
  readonly outcome: Outcome;
  readonly reason: string | undefined;
}

export type RunEvent =
  | { readonly kind: "tick"; readonly at: Instant }
  /** The present write action ended; `reached`: something of it may have reached the device. */
  | {
      readonly kind: "written";
      readonly at: Instant;
      readonly outcome: Outcome;
      readonly reason: string | undefined;
      readonly reached: boolean;
    }
  /** What is expected was looked at; `fault` undefined: it is there. */
  | { readonly kind: "looked"; readonly at: Instant; readonly fault: LookFault | undefined }
  | ({ readonly kind: "ended"; readonly at: Instant } & Ending);

/** Why what is expected is not there. */
export interface LookFault {
  /** `running is false` */
  readonly reason: string;
  /** The inputs are good: it is not there. Otherwise nobody knows. */
  readonly known: boolean;
}

export function newRun(at: Instant, rules: RunRules): CommandRun {
  const run: RunningCommand = {
    state: "running",
    phase: "steps",
    at: 0,
    since: at,
    begun: at,
    reached: false,
    unseen: false,
    ending: undefined,
    verdict: undefined,
  };
  return unlessOver(run, rules);
}

export function actionOf({ phase, at }: RunningCommand, rules: RunRules): Action | undefined {
  return rules[phase].actions[at];
}

export function nextCommandRun(run: CommandRun, event: RunEvent, rules: RunRules): CommandRun {
  if (run.state === "done") return run;
  const action = actionOf(run, rules);
  switch (event.kind) {
    case "tick":
      return onTick(run, event.at, rules);
    case "written":
      return action?.kind === "write" ? onWritten(run, event, rules) : run;
    case "looked":
      return action?.kind === "expect" ? onLooked(run, event, action, rules) : run;
    case "ended":
      return onEnded(run, event, rules);
    default:
      return unreachable(event);
  }
}

function onTick(run: RunningCommand, at: Instant, rules: RunRules): CommandRun {
  const action = actionOf(run, rules);
  if (action?.kind === "wait" && at >= plus(run.since, action.span)) return proceed(run, at, rules);
  const { limit } = rules[run.phase];
  if (at <= plus(run.begun, limit) || run.ending) return run;
  return onEnded(
    run,
    { at, reason: `not done within ${formatDuration(limit)}`, takenOver: run.phase === "otherwise" },
    rules,
  );
}

function onWritten(run: RunningCommand, event: RunEvent & { kind: "written" }, rules: RunRules): CommandRun {
  const reached = run.reached || event.reached;
  const written = { ...run, reached };
  const own: Verdict | undefined = succeeded(event.outcome)
    ? undefined
    : { outcome: event.outcome, reason: event.reason };
  if (run.ending)
    return stop(written, { at: event.at, verdict: endOf(run.ending, own), takenOver: run.ending.takenOver }, rules);
  if (!own) return proceed({ ...written, unseen: written.unseen || event.outcome === "acknowledged" }, event.at, rules);
  if (run.phase === "otherwise") return proceed({ ...written, verdict: added(run.verdict, own) }, event.at, rules);
  return stop(written, { at: event.at, verdict: own, takenOver: false }, rules);
}

function onLooked(
  run: RunningCommand,
  { at, fault }: RunEvent & { kind: "looked" },
  { within, wanted }: Action & { kind: "expect" },
  rules: RunRules,
): CommandRun {
  if (!fault) return proceed({ ...run, unseen: false }, at, rules);
  if (at < plus(run.since, within)) return run;
  const reason = `${wanted}: not seen within ${formatDuration(within)}; ${fault.reason}`;
  const verdict = { outcome: fault.known ? "failed" : "unknown", reason } as const;
  return stop(run, { at, verdict, takenOver: false }, rules);
}

/** A write under way is settled by its own answer first. */
function onEnded(
  run: RunningCommand,
  { at, reason, takenOver }: Ending & { readonly at: Instant },
  rules: RunRules,
): CommandRun {
  if (run.phase === "otherwise" && !takenOver) return run;
  const ending = { reason, takenOver };
  if (actionOf(run, rules)?.kind === "write") return { ...run, ending: run.ending?.takenOver ? run.ending : ending };
  return stop(run, { at, verdict: endOf(ending, undefined), takenOver }, rules);
}

/** Ended from outside: known not to have had its whole effect, unless its last write is worse than that. */
function endOf({ reason }: Ending, own: Verdict | undefined): Verdict {
  const verdict = { outcome: "failed", reason } as const;
  return own && worse(own.outcome, "failed") !== "failed"
    ? { ...own, reason: `${reason}; ${own.reason ?? ""}` }
    : verdict;
}

interface Stop {
  readonly at: Instant;
  readonly verdict: Verdict;
  readonly takenOver: boolean;
}

/** The steps go no further: what is to be done otherwise comes, if there is anything to undo. */
function stop(run: RunningCommand, { at, verdict: own, takenOver }: Stop, rules: RunRules): CommandRun {
  if (run.phase === "otherwise") return done(added(run.verdict, own));
  if (!run.reached) return done({ ...own, outcome: sentNothing(own.outcome) ? own.outcome : "rejected" });
  const verdict = { ...own, outcome: sentNothing(own.outcome) ? "failed" : own.outcome } as const;
  if (takenOver || rules.otherwise.actions.length === 0) return done(verdict);
  return { ...run, phase: "otherwise", at: 0, since: at, begun: at, ending: undefined, verdict };
}

function proceed(run: RunningCommand, at: Instant, rules: RunRules): CommandRun {
  return unlessOver({ ...run, at: run.at + 1, since: at, ending: undefined }, rules);
}

function unlessOver(run: RunningCommand, rules: RunRules): CommandRun {
  if (run.at < rules[run.phase].actions.length) return run;
  if (run.verdict) return done(run.verdict);
  return { state: "done", outcome: run.unseen ? "acknowledged" : "verified", reason: undefined };
}

/** The steps' end with what went wrong afterwards, and the worse of the two. */
function added(verdict: Verdict | undefined, own: Verdict): Verdict {
  const outcome = sentNothing(own.outcome) ? "failed" : own.outcome;
  const reason = `${verdict?.reason ?? ""}; then otherwise: ${own.reason ?? own.outcome}`;
  return { outcome: worse(verdict?.outcome ?? "failed", outcome), reason };
}

function done({ outcome, reason }: Verdict): CommandRun {
  return { state: "done", outcome, reason };
}
