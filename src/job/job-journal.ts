import type { Result } from "../kit/result.ts";
import type { Job } from "./job.ts";
import type { MailNumber } from "./evidence.ts";
import type { PoolTotals } from "./pool-totals.ts";

/** What is stored of jobs: each change is the whole of what it is about, so that storing it twice does no harm. */
export type JobChange =
  | { readonly kind: "job"; readonly job: Job }
  /** A job that ended long ago. */
  | { readonly kind: "forgotten"; readonly pool: string; readonly id: string }
  /** The numbers that a device's mails have come to; stored before the mail is written. */
  | ({ readonly kind: "mail"; readonly device: string } & MailNumber)
  | { readonly kind: "totals"; readonly pool: string; readonly totals: PoolTotals };

/** Changes on their way into the journal: `outcome` is there once they are stored, or known not to be. */
export interface JournalTicket {
  readonly outcome: Result<undefined, string> | undefined;
}

/** Where jobs are stored; the composition root supplies it. */
export interface JobJournal {
  /** Stores all of it or nothing, after everything that was appended before. Never waits. */
  append(changes: readonly JobChange[]): JournalTicket;
  /** What was stored when the master began; undefined: it is still being read. */
  readonly stored: readonly JobChange[] | undefined;
  /** Changes that are on their way. */
  readonly waiting: number;
}

/** Where a change is kept: a later one with the same key takes its place. */
export function journalKey(change: JobChange): string {
  switch (change.kind) {
    case "job":
      return `job/${change.job.pool}/${change.job.id}`;
    case "forgotten":
      return `job/${change.pool}/${change.id}`;
    case "mail":
      return `mail/${change.device}`;
    case "totals":
      return `totals/${change.pool}`;
  }
}
