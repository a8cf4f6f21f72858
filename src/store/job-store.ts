import { type JobChange, journalKey } from "../job/job-journal.ts";
import { readJobChange } from "../job/read-job-change.ts";
import { ms } from "../kit/time.ts";
import { Scope } from "../kit/scope.ts";
import type { Change, Store } from "./store.ts";
import type { Plain } from "./stored-json.ts";

const WITHIN = ms(3000);

export interface JobStoreOptions {
  readonly store: Store;
  /** What was stored, once it is read, without what was replaced since. `unreadable`: records that nobody understands. */
  readonly read: (changes: readonly JobChange[], unreadable: number) => void;
  /** Takes changes that are stored, before they are acknowledged. */
  readonly stored: (changes: readonly JobChange[]) => void;
  readonly acknowledge: (append: number, refusal: string | undefined) => void;
  /** A bug of ours. */
  readonly onError: (error: unknown) => void;
}

/** Stores changes of jobs in the order in which they come. */
export class JobStore {
  readonly #options: JobStoreOptions;
  readonly #scope: Scope;
  readonly #off: () => void;
  /** Appended before the reading was over: newer than what is read. */
  readonly #newer = new Set<string>();
  #told: Promise<void> = Promise.resolve();
  #isRead = false;
  #isClosed = false;

  constructor(options: JobStoreOptions) {
    this.#options = options;
    this.#scope = new Scope(options.onError);
    this.#off = options.store.changes.on(({ state }) => state === "open" && this.load());
  }

  /** Reads what is stored, where the store is open; else when it is. */
  load(): void {
    if (!this.#isRead) this.#scope.own(this.#read());
  }

  /** Stores changes and acknowledges them; the writes of one disk never overtake each other. */
  append(append: number, changes: readonly JobChange[]): void {
    if (!this.#isRead) for (const change of changes) this.#newer.add(journalKey(change));
    const written = this.#write(changes);
    this.#told = Promise.all([this.#told, written]).then(([, refusal]) => {
      if (refusal === undefined) this.#options.stored(changes);
      this.#options.acknowledge(append, refusal);
    });
    this.#scope.own(this.#told);
  }

  /** Waits for what is under way, no longer than the disk may take. */
  async close(): Promise<void> {
    this.#off();
    this.#isClosed = true;
    await this.#told;
    await this.#scope.close();
  }

  /** A disk that is slow is read again; one that failed, once it is open again. */
  async #read(): Promise<void> {
    const read = await this.#options.store.read("jobs", { limit: Infinity }, WITHIN);
    if (this.#isRead || this.#isClosed) return;
    if (!read.ok) return read.failure.kind === "late" ? this.#read() : undefined;
    this.#isRead = true;
    const changes = read.value.flatMap(({ value }) => readJobChange(value) ?? []);
    const current = changes.filter((change) => !this.#newer.has(journalKey(change)));
    this.#newer.clear();
    this.#options.read(current, read.value.length - changes.length);
  }

  /**
   * Why nothing was stored. A disk that is slow is waited for, since what may lie on it must not be called refused: writes
   * keep their order, so an empty one is answered after it.
   */
  async #write(changes: readonly JobChange[]): Promise<string | undefined> {
    let records = changes.map(toRecord);
    for (;;) {
      const written = await this.#options.store.write(records, { durable: changes.some(matters), within: WITHIN });
      if (written.ok) return undefined;
      if (written.failure.kind !== "late" || this.#isClosed) return written.failure.reason;
      records = [];
    }
  }
}

/** What a master acts upon has to outlive a power cut; what it sees it will see again. */
function matters(change: JobChange): boolean {
  return (
    change.kind === "mail" || (change.kind === "job" && !["sent", "accepted", "running"].includes(change.job.state))
  );
}

function toRecord(change: JobChange): Change {
  const key = journalKey(change);
  // a change is plain data throughout
  return { shelf: "jobs", key, value: change.kind === "forgotten" ? undefined : (change as unknown as Plain) };
}
