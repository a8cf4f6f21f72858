import type { Ms } from "../kit/time.ts";

/** Where a device takes jobs and tells what became of them, by the names of its tags (docs/job-mailbox.md). */
export interface Mailbox {
  /** Written with one FC 16, from `sequence` to `sequenceEnd`. */
  readonly mail: {
    readonly sequence: string;
    readonly epoch: string;
    readonly command: string;
    /** Undefined where no job has parameters. */
    readonly parameters: string | undefined;
    readonly sequenceEnd: string;
  };
  /** Read with one request, together with the profile's `bootId`. */
  readonly status: {
    readonly epoch: string;
    readonly accepted: string;
    readonly done: string;
    readonly result: string;
    readonly rejected: string;
    readonly rejectReason: string;
  };
  /** A job would be accepted now. */
  readonly ready: string;
  /** A job is being carried out; undefined: an accepted job is running. */
  readonly running: string | undefined;
  /** The command that is accepted and does nothing. */
  readonly void: string;
  /** The results that mean that a job was done; all others mean that it failed. */
  readonly succeeded: readonly string[];
  /** Within what time a mail that has arrived is judged. */
  readonly acceptWithin: Ms;
  /** By name, which is the name of the command too. */
  readonly jobs: ReadonlyMap<string, JobType>;
}

/** A kind of work. */
export interface JobType {
  /** Names of the parameters in the order of the registers. */
  readonly parameters: readonly string[];
  /** Doing it twice does no harm: when its device fails, another one may have it. */
  readonly redirectable: boolean;
  /** A job that is accepted and takes longer than this has gone astray. */
  readonly within: Ms;
}

/** The tags of a mail, in the order of their registers. */
export function mailTags({ mail }: Mailbox): readonly string[] {
  const { sequence, epoch, command, parameters, sequenceEnd } = mail;
  return [sequence, epoch, command, ...(parameters === undefined ? [] : [parameters]), sequenceEnd];
}
