import type { Assignment } from "./job.ts";

/** What a device's mailbox shows, all from one reading. */
export interface MailboxStatus {
  readonly boot: number;
  readonly epoch: number;
  readonly accepted: number;
  readonly done: number;
  readonly result: string;
  readonly rejected: number;
  readonly rejectReason: string;
  /** Whether a job is being carried out; undefined: the device does not tell. */
  readonly running: boolean | undefined;
}

/** What a status says about one mail. */
export type Evidence =
  /** Nothing: it may not have come yet. */
  | { readonly kind: "none" }
  | { readonly kind: "accepted" }
  | { readonly kind: "running" }
  | { readonly kind: "ended"; readonly result: string }
  /** It came and was not accepted; a mail is written once, so it never will be. */
  | { readonly kind: "rejected"; readonly reason: string }
  /** It was never accepted, and never will be: a later mail was. */
  | { readonly kind: "never" }
  /** The device does not know any more. */
  | { readonly kind: "lost"; readonly reason: string };

/**
 * What became of a mail, by a status that was asked for after the mail was written or given up. A status proves only what
 * it shows: a mail that is not seen may still come, until a later mail is accepted (docs/job-mailbox.md).
 */
export function evidenceOf(mail: Assignment, status: MailboxStatus): Evidence {
  const sameEpoch = status.epoch === mail.epoch;
  if (sameEpoch && status.accepted === mail.sequence) return progressOf(mail, status);
  if (status.boot !== mail.boot) return { kind: "lost", reason: "the device has started anew" };
  if (!sameEpoch && isNewer(mail.epoch, status.epoch)) {
    return status.rejected === mail.sequence && status.rejectReason === "staleEpoch"
      ? { kind: "rejected", reason: status.rejectReason }
      : { kind: "lost", reason: `another master (epoch ${status.epoch}) has taken over the device` };
  }
  if (!sameEpoch) return { kind: "none" };
  if (status.accepted !== 0 && isNewer(mail.sequence, status.accepted))
    return status.done === mail.sequence ? { kind: "ended", result: status.result } : { kind: "never" };
  return status.rejected === mail.sequence ? { kind: "rejected", reason: status.rejectReason } : { kind: "none" };
}

function progressOf(mail: Assignment, { done, result, running }: MailboxStatus): Evidence {
  if (done === mail.sequence) return { kind: "ended", result };
  return running === false ? { kind: "accepted" } : { kind: "running" };
}

/** The numbers of the last mail to a device. */
export interface MailNumber {
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * The numbers of the next mail: the next sequence of the same epoch; a new epoch where ours was superseded, or where the
 * device has accepted what we do not know of (a store that was lost or is old).
 */
export function nextMail(last: MailNumber | undefined, { epoch, accepted }: MailboxStatus): MailNumber {
  const superseded = !last || isNewer(last.epoch, epoch);
  if (superseded || (last.epoch === epoch && accepted !== 0 && isNewer(last.sequence, accepted)))
    return { epoch: (epoch + 1) & 0xffff, sequence: 1 };
  return { epoch: last.epoch, sequence: last.sequence === 0xffff ? 1 : last.sequence + 1 };
}

/** Whether `number` comes after `than`: both are 16 bits wide and go round; less than half way ahead is newer. */
export function isNewer(than: number, number: number): boolean {
  const ahead = (number - than) & 0xffff;
  return ahead > 0 && ahead < 0x8000;
}
