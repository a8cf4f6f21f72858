import type { WallTime } from "../kit/time.ts";

/** What was ordered; nothing of it changes any more. */
export interface JobOrder {
  /** Chosen by the asker; a second order to the pool with the same id is the same job. */
  readonly id: string;
  readonly pool: string;
  /** The name of a job of the pool's mailbox. */
  readonly type: string;
  /** Numbers for the registers, by the names the profile gives them. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Words that travel with it and never reach the device. */
  readonly labels: Readonly<Record<string, string>>;
  /** 0..9; 9 goes first. */
  readonly priority: number;
  /** Not begun after this; undefined: it may wait for ever. */
  readonly startBy: WallTime | undefined;
  /** Who asked, for the audit: `mqtt`, `cli`, `program`. */
  readonly origin: string;
}

/** Where somebody waits for the outcome; the office understands it. */
export interface ReplyTo {
  readonly topic: string;
  /** In base64. */
  readonly correlationData: string | undefined;
}

/** The mail by which a job was given to a device. */
export interface Assignment {
  readonly device: string;
  /** Of the device's start that was seen when it was assigned. */
  readonly boot: number;
  readonly epoch: number;
  readonly sequence: number;
}

interface AnyJob extends JobOrder {
  /** Counts the orders of a pool: of equal ones the older goes first. */
  readonly number: number;
  readonly replyTo: readonly ReplyTo[];
  /** Times it was given to a device. */
  readonly attempts: number;
  /** Why it is where it is, for people. */
  readonly reason: string | undefined;
  /** How it ended, in the word of the device. */
  readonly result: string | undefined;
  /** What a person decided about it last, and under which id. */
  readonly decided: { readonly id: string; readonly decision: Decision } | undefined;
  /** Since when it is in this state. */
  readonly at: WallTime;
  readonly submittedAt: WallTime;
  /** When a device was first seen to have accepted it. */
  readonly acceptedAt: WallTime | undefined;
}

export interface QueuedJob extends AnyJob {
  readonly state: "queued";
  readonly assignment: undefined;
}

/** A job that a device has, or may have. */
export interface GivenJob extends AnyJob {
  /**
   * assigned: stored, or being stored, and not handed to the line; after a restart nobody knows that. sent: on its way, or
   * in the mailbox. unknown: what became of it is being found out. quarantined: that cannot be found out, a person decides.
   */
  readonly state: "assigned" | "sent" | "accepted" | "running" | "unknown" | "quarantined";
  readonly assignment: Assignment;
}

export interface EndedJob extends AnyJob {
  readonly state: "done" | "failed";
  /** Where it was last; undefined: nowhere. */
  readonly assignment: Assignment | undefined;
}

export type Job = QueuedJob | GivenJob | EndedJob;
export type JobState = Job["state"];

/** What a person decides about a quarantined job; `skip` also takes a job out of the queue. */
export const DECISIONS = ["retry", "skip", "done"] as const;
export type Decision = (typeof DECISIONS)[number];

export function isGiven(job: Job): job is GivenJob {
  return job.state !== "queued" && !isEnded(job);
}

export function isEnded(job: Job): job is EndedJob {
  return job.state === "done" || job.state === "failed";
}
