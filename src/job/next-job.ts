import { unreachable } from "../kit/invariant.ts";
import type { WallTime } from "../kit/time.ts";
import type { Evidence } from "./evidence.ts";
import {
  type Assignment,
  type Decision,
  type EndedJob,
  type GivenJob,
  isEnded,
  type Job,
  type QueuedJob,
} from "./job.ts";

export type JobEvent =
  | { readonly kind: "assigned"; readonly assignment: Assignment }
  /** Handed to the line. */
  | { readonly kind: "sent" }
  /** It certainly has not come into the mailbox, and will not. */
  | { readonly kind: "unsent"; readonly reason: string }
  /** It may have come into the mailbox, or is there, and cannot be seen. */
  | { readonly kind: "doubted"; readonly reason: string }
  | { readonly kind: "evidence"; readonly evidence: Evidence }
  /** It cannot be seen for longer than anybody wants to wait, or it is not done within its time. */
  | { readonly kind: "overdue"; readonly reason: string }
  /** Its time to be begun is over. */
  | { readonly kind: "expired" }
  | { readonly kind: "decided"; readonly id: string; readonly decision: Decision; readonly by: string };

export interface JobRules {
  /** Doing it twice does no harm. */
  readonly redirectable: boolean;
  /** Results that mean done. */
  readonly succeeded: readonly string[];
}

/** Rejections that every device of the pool would repeat. */
const HOPELESS = ["unknownCommand", "badParameter"];

/** Where one job stands after an event; the same object where nothing changes. Pure: the shell stores, sends and reads. */
export function nextJob(job: Job, event: JobEvent, at: WallTime, rules: JobRules): Job {
  if (isEnded(job)) return job;
  if (job.state === "queued") return nextQueued(job, event, at);
  switch (event.kind) {
    case "sent":
      return job.state === "assigned" ? moved(job, "sent", at) : job;
    case "unsent":
      return job.state === "quarantined" ? job : queued(job, at, event.reason);
    case "doubted":
      return job.state === "quarantined" || job.state === "unknown" ? job : moved(job, "unknown", at, event.reason);
    case "evidence":
      return onEvidence(job, event.evidence, at, rules);
    case "overdue":
      return astray(job, event.reason, at, rules);
    case "decided":
      return job.state === "quarantined" ? onDecision(job, event, at) : job;
    case "assigned":
    case "expired":
      return job;
    default:
      return unreachable(event);
  }
}

function nextQueued(job: QueuedJob, event: JobEvent, at: WallTime): Job {
  switch (event.kind) {
    case "assigned":
      return {
        ...job,
        state: "assigned",
        at,
        reason: undefined,
        assignment: event.assignment,
        attempts: job.attempts + 1,
      };
    case "expired":
      return ended(job, "failed", at, { reason: "it was not begun in time", result: undefined });
    case "decided":
      return event.decision === "skip" ? onDecision(job, event, at) : job;
    default:
      return job;
  }
}

function onEvidence(job: GivenJob, evidence: Evidence, at: WallTime, rules: JobRules): Job {
  switch (evidence.kind) {
    case "none":
      return job;
    case "accepted":
      return job.state === "accepted" || job.state === "running" ? job : moved(job, "accepted", at);
    case "running":
      return job.state === "running" ? job : moved(job, "running", at);
    case "ended":
      return onEnd(job, evidence.result, at, rules);
    case "rejected":
      return HOPELESS.includes(evidence.reason)
        ? ended(job, "failed", at, { reason: `the device rejected it: ${evidence.reason}`, result: undefined })
        : queued(job, at, `${job.assignment.device} rejected it: ${evidence.reason}`);
    case "never":
      return queued(job, at, `${job.assignment.device} never accepted it`);
    case "lost":
      return astray(job, evidence.reason, at, rules);
    default:
      return unreachable(evidence);
  }
}

function onEnd(job: GivenJob, result: string, at: WallTime, { succeeded }: JobRules): EndedJob {
  if (succeeded.includes(result)) return ended(job, "done", at, { reason: undefined, result });
  return ended(job, "failed", at, { reason: `${job.assignment.device} ended it: ${result}`, result });
}

/** Nobody can tell whether it was done: only what may be done twice goes to another device. */
function astray(job: GivenJob, reason: string, at: WallTime, { redirectable }: JobRules): Job {
  if (job.state === "quarantined") return job;
  const why = `${job.assignment.device}: ${reason}`;
  return redirectable ? queued(job, at, why) : moved(job, "quarantined", at, why);
}

function onDecision(
  before: QueuedJob | GivenJob,
  { id, decision, by }: JobEvent & { kind: "decided" },
  at: WallTime,
): Job {
  const job = { ...before, decided: { id, decision } };
  switch (decision) {
    case "retry":
      return queued(job, at, `again, as ${by} decided`);
    case "skip":
      return ended(job, "failed", at, { reason: `skipped by ${by}`, result: undefined });
    case "done":
      return ended(job, "done", at, { reason: `done, as ${by} says`, result: undefined });
    default:
      return unreachable(decision);
  }
}

function moved(job: GivenJob, state: GivenJob["state"], at: WallTime, reason?: string): GivenJob {
  const accepted = state === "accepted" || state === "running";
  return { ...job, state, at, reason, acceptedAt: job.acceptedAt ?? (accepted ? at : undefined) };
}

function queued(job: QueuedJob | GivenJob, at: WallTime, reason: string): QueuedJob {
  return { ...job, state: "queued", at, reason, assignment: undefined, acceptedAt: undefined };
}

function ended(
  job: QueuedJob | GivenJob,
  state: EndedJob["state"],
  at: WallTime,
  end: Pick<EndedJob, "reason" | "result">,
): EndedJob {
  return { ...job, ...end, state, at };
}
