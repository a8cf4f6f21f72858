import type { Role } from "../device/role.ts";
import type { WallTime } from "../kit/time.ts";
import type { Decision, EndedJob, JobOrder, ReplyTo } from "./job.ts";

/** Asks a pool for a job. Nothing in it has been checked against the plant yet. */
export interface JobSubmission extends JobOrder {
  readonly replyTo: ReplyTo | undefined;
  /** Not taken after this; it came too late. */
  readonly takeBy: WallTime | undefined;
  /** The role it came with; undefined: that of its way. */
  readonly role?: Role | undefined;
}

/** What a person decides about a job. */
export interface JobDecision {
  readonly id: string;
  readonly pool: string;
  readonly job: string;
  readonly decision: Decision;
  readonly origin: string;
  /** The role it came with; undefined: that of its way. */
  readonly role?: Role | undefined;
  readonly replyTo: ReplyTo | undefined;
}

/** An answer that no change of a job carries: a job that was not taken, or what came of a decision. */
export interface JobAnswer {
  readonly pool: string;
  readonly id: string;
  /** What it answers: ids of orders and of decisions have nothing to do with each other. */
  readonly to: "order" | "decision";
  readonly replyTo: ReplyTo | undefined;
  /** `decided`: carried out. `done`, `failed`: how the job of this id ended before it was asked for again. */
  readonly outcome: "rejected" | "decided" | EndedJob["state"];
  readonly reason: string | undefined;
  /** The job's own end, where it is that. */
  readonly job?: EndedJob;
  /** A job of this id was taken, and its end is awaited: this is not it. */
  readonly awaited?: true;
}

/** Whether two orders ask for the same work. */
export function sameOrder(one: JobOrder, other: JobOrder): boolean {
  return (
    one.type === other.type && sameRecord(one.parameters, other.parameters) && sameRecord(one.labels, other.labels)
  );
}

function sameRecord(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
