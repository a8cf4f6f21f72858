import type { JobChange, JobJournal, JournalTicket } from "../job/job-journal.ts";
import { err, ok, type Result } from "../kit/result.ts";
import type { ScanEnd } from "./scan-end.ts";

interface Ticket extends JournalTicket {
  outcome: Result<undefined, string> | undefined;
}

interface Waiting {
  readonly changes: readonly JobChange[];
  readonly ticket: Ticket;
}

/** The scan's end of the journal: the office stores. What an office that died did not acknowledge, the next one gets. */
export class LinkJournal implements JobJournal {
  readonly #link: Pick<ScanEnd, "jobs" | "restarted">;
  readonly #waiting = new Map<number, Waiting>();
  #stored: readonly JobChange[] | undefined;
  #appends = 0;

  constructor(link: Pick<ScanEnd, "jobs" | "restarted">) {
    this.#link = link;
    link.restarted.on(() => {
      for (const [append, { changes }] of this.#waiting) link.jobs(append, changes);
    });
  }

  get stored(): readonly JobChange[] | undefined {
    return this.#stored;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  append(changes: readonly JobChange[]): JournalTicket {
    const ticket: Ticket = { outcome: undefined };
    const append = ++this.#appends;
    this.#waiting.set(append, { changes, ticket });
    this.#link.jobs(append, changes);
    return ticket;
  }

  /** The office has read what was stored; only the first reading counts. */
  read(changes: readonly JobChange[]): void {
    this.#stored ??= changes;
  }

  /** The office has stored an append, or says why not. */
  settled(append: number, refusal: string | undefined): void {
    const waiting = this.#waiting.get(append);
    this.#waiting.delete(append);
    if (waiting) waiting.ticket.outcome = refusal === undefined ? ok(undefined) : err(refusal);
  }
}
