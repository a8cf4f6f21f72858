/** What a master left in the job mailbox. */
export interface Mail {
  readonly sequence: number;
  readonly epoch: number;
  readonly command: string;
  readonly sequenceEnd: number;
}

/** What the arm remembers of earlier mail. After a start there was none: any epoch is as good as another. */
export interface MailboxState {
  /** The highest epoch seen. */
  readonly epoch: number | undefined;
  /** The last sequence accepted in that epoch; 0: none yet. */
  readonly accepted: number;
}

export const emptyMailbox: MailboxState = { epoch: undefined, accepted: 0 };

export type RejectReason = "staleEpoch" | "staleSequence" | "busy" | "notReady" | "unknownCommand" | "badParameter";

export type Verdict =
  /** Torn, empty, or accepted before: nothing happens, nothing changes. */
  | { readonly kind: "ignored" }
  | { readonly kind: "accepted"; readonly state: MailboxState }
  /** A refused sequence was never accepted: the same one may be sent again. */
  | { readonly kind: "rejected"; readonly state: MailboxState; readonly reason: RejectReason };

/**
 * Decides about a mail that is in the mailbox. A job is accepted at most once: equal ends mean an untorn write, a
 * sequence counts only forward within its epoch, and an epoch that was superseded never counts again. Sequences and
 * epochs are 16 bits wide and go on from 65535 with 0 (which no sequence uses): "newer" is less than half way round.
 * `obstacle` is why the arm would not carry the job out.
 */
export function judgeMail(state: MailboxState, mail: Mail, obstacle: RejectReason | undefined): Verdict {
  if (mail.sequence !== mail.sequenceEnd || mail.sequence === 0) return { kind: "ignored" };
  if (state.epoch !== undefined && isNewer(state.epoch, mail.epoch))
    return { kind: "rejected", state, reason: "staleEpoch" };
  const current = mail.epoch === state.epoch ? state : { epoch: mail.epoch, accepted: 0 };
  if (mail.sequence === current.accepted) return { kind: "ignored" };
  if (current.accepted !== 0 && isNewer(current.accepted, mail.sequence)) {
    return { kind: "rejected", state: current, reason: "staleSequence" };
  }
  if (obstacle !== undefined) return { kind: "rejected", state: current, reason: obstacle };
  return { kind: "accepted", state: { epoch: mail.epoch, accepted: mail.sequence } };
}

function isNewer(number: number, than: number): boolean {
  const ahead = (number - than) & 0xffff;
  return ahead > 0 && ahead < 0x8000;
}
