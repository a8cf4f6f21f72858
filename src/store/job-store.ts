import { type JobChange, journalKey } from "../job/job-journal.ts";
import { type EndedJob, isEnded } from "../job/job.ts";
import { readJobChange } from "../job/read-job-change.ts";
import { ms } from "../kit/time.ts";
import type { Result } from "../kit/result.ts";
import { Scope } from "../kit/scope.ts";
import type { Change, Store, StoreFailure } from "./store.ts";
import type { Plain } from "./stored-json.ts";

const WITHIN = ms(3000);

export interface RecalledJobs {
  readonly changes: readonly JobChange[];
  /** Ends that nobody is known to have been told. */
  readonly untold: readonly EndedJob[];
  /** Records that nobody understands. */
  readonly unreadable: number;
}

export interface JobStoreOptions {
  readonly store: Store;
  /** What was stored, once it is read, without what was replaced since. */
  readonly read: (recalled: RecalledJobs) => void;
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

  /** The end of a job has been told, and will not be told by a master to come. */
  told(job: EndedJob): void {
    const change = { shelf: "untold", key: journalKey({ kind: "job", job }), value: undefined } as const;
    this.#scope.own(this.#options.store.write([change], { durable: false, within: WITHIN }));
  }

  /** Waits for what is being stored, no longer than the disk may take. */
  async settled(): Promise<void> {
    this.#off();
    this.#isClosed = true;
    await this.#told;
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#scope.close();
  }

  /** A disk that is slow is read again; one that failed, once it is open again. */
  async #read(): Promise<void> {
    const read = await this.#options.store.read("jobs", { limit: Infinity }, WITHIN);
    const ends = read.ok ? await this.#options.store.read("untold", { limit: Infinity }, WITHIN) : read;
    if (this.#isRead || this.#isClosed) return;
    if (!read.ok || !ends.ok) return [read, ends].some(isLate) ? this.#read() : undefined;
    this.#isRead = true;
    const all = read.value.flatMap(({ value }) => readJobChange(value) ?? []);
    const isCurrent = (change: JobChange): boolean => !this.#newer.has(journalKey(change));
    const changes = all.filter(isCurrent);
    const ended = ends.value.flatMap(({ value }) => readJobChange(value) ?? []).filter(isCurrent);
    const untold = ended.flatMap((change) => (change.kind === "job" && isEnded(change.job) ? change.job : []));
    this.#newer.clear();
    this.#options.read({ changes, untold, unreadable: read.value.length - all.length });
  }

  /**
   * Why nothing was stored. A disk that is slow is waited for, since what may lie on it must not be called refused: writes
   * keep their order, so an empty one is answered after it.
   */
  async #write(changes: readonly JobChange[]): Promise<string | undefined> {
    let records = changes.flatMap(toRecords);
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

/** An end lies on a shelf of its own too until it is told. */
function toRecords(change: JobChange): readonly Change[] {
  const key = journalKey(change);
  if (change.kind === "forgotten") return [{ shelf: "jobs", key, value: undefined }];
  const value = change as unknown as Plain; // plain data throughout
  const record = { shelf: "jobs", key, value } as const;
  return change.kind === "job" && isEnded(change.job) ? [record, { shelf: "untold", key, value }] : [record];
}

function isLate(read: Result<unknown, StoreFailure>): boolean {
  return !read.ok && read.failure.kind === "late";
}
