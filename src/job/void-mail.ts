import { type Instant, type Ms, plus } from "../kit/time.ts";
import type { PendingWrite } from "../scan/outputs/outputs.ts";
import type { Assignment } from "./job.ts";
import type { JournalTicket } from "./job-journal.ts";
import type { MailboxDoor } from "./mailbox-door.ts";

export interface VoidMailOptions {
  readonly mail: Assignment;
  /** Of the mail's numbers, which have to be stored first. */
  readonly ticket: JournalTicket;
  readonly door: MailboxDoor;
  readonly command: string;
}

/**
 * A mail that does nothing: once it is accepted, none before it ever will be. It is sent again and again until that is
 * seen, for two of the same are one.
 */
export class VoidMail {
  readonly #options: VoidMailOptions;
  #write: PendingWrite | undefined;
  #notBefore: Instant | undefined;

  constructor(options: VoidMailOptions) {
    this.#options = options;
  }

  /** Its numbers could not be stored: it is not sent, and another one may be tried. */
  get failed(): boolean {
    return this.#options.ticket.outcome?.ok === false;
  }

  get mail(): Assignment {
    return this.#options.mail;
  }

  /** What was written, or could not be, is tried again after `again`. */
  step(now: Instant, again: Ms): void {
    const { mail, ticket, door, command } = this.#options;
    if (!ticket.outcome?.ok) return;
    if (this.#write) {
      if (!this.#write.result) return;
      this.#write = undefined;
      this.#notBefore = plus(now, again);
    }
    if (this.#notBefore !== undefined && now < this.#notBefore) return;
    const posted = door.post({ ...mail, command, parameters: [] }, now);
    if (posted.ok) this.#write = posted.value;
    else this.#notBefore = plus(now, again);
  }
}
