import { ok } from "../kit/result.ts";
import { type JobChange, type JobJournal, journalKey, type JournalTicket } from "./job-journal.ts";

/** A journal that lasts as long as its owner: for benches of programs, and where jobs may be lost with the master. */
export class MemoryJournal implements JobJournal {
  readonly waiting = 0;
  readonly #records: Map<string, JobChange>;

  /** `records` outlive it where somebody else keeps them. */
  constructor(records = new Map<string, JobChange>()) {
    this.#records = records;
  }

  get stored(): readonly JobChange[] {
    return [...this.#records.values()];
  }

  append(changes: readonly JobChange[]): JournalTicket {
    for (const change of changes) {
      if (change.kind === "forgotten") this.#records.delete(journalKey(change));
      else this.#records.set(journalKey(change), change);
    }
    return { outcome: ok(undefined) };
  }
}
