import { type Instant, ms, plus } from "../kit/time.ts";
import type { PendingWrite } from "../scan/outputs.ts";
import type { MailNumber } from "./evidence.ts";
import type { JournalTicket } from "./job-journal.ts";
import type { MailboxDoor } from "./mailbox-door.ts";

/** What was written, or could not be, is tried again after this. */
const AGAIN_AFTER = ms(1000);

export interface VoidMailOptions {
  readonly mail: MailNumber;
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

  step(now: Instant): void {
    const { mail, ticket, door, command } = this.#options;
    if (!ticket.outcome?.ok) return;
    if (this.#write) {
      if (!this.#write.result) return;
      this.#write = undefined;
      this.#notBefore = plus(now, AGAIN_AFTER);
    }
    if (this.#notBefore !== undefined && now < this.#notBefore) return;
    const posted = door.post({ ...mail, command, parameters: [] }, now);
    if (posted.ok) this.#write = posted.value;
    else this.#notBefore = plus(now, AGAIN_AFTER);
  }
}
