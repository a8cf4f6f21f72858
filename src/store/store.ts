import type { Clock, Timer } from "../kit/clock.ts";
import { errorMessage } from "../kit/error-message.ts";
import { err, ok, type Result } from "../kit/result.ts";
import { Signal } from "../kit/signal.ts";
import { type Ms, ms } from "../kit/time.ts";
import type { Disk, DiskChange, DiskKind } from "./disk.ts";
import {
  BEHIND_BORDER,
  BORDER,
  emptyShelves,
  FORMAT_RECORD,
  openDisk,
  type Shelves,
  sizeOf,
  type TellStore,
} from "./open-disk.ts";
import type { ShelfIndex } from "./shelf-index.ts";
import { type ShelfName, SHELVES } from "./shelves.ts";
import { decodeRecord, encodeRecord, type Plain } from "./stored-json.ts";

export interface StoreOptions {
  readonly folder: string;
  readonly kind: DiskKind;
  readonly clock: Clock;
  readonly tell: TellStore;
}

/** One record stored, or removed where there is no value. */
export interface Change {
  readonly shelf: ShelfName;
  /** Any text; records of a shelf are read in the order of their keys. */
  readonly key: string;
  readonly value: Plain | undefined;
}

export interface WriteOptions {
  /** Acknowledged only when it outlives a power cut (fsync); without, when it outlives this process: a second later the other too. */
  readonly durable: boolean;
  /** By when there has to be an answer. */
  readonly within: Ms;
}

export type StoreFailure =
  /** Nothing was stored, or nobody knows: the disk failed under it. */
  | { readonly kind: "unavailable"; readonly reason: string }
  /** Nothing was stored: the shelf has no room and drops nothing. */
  | { readonly kind: "full"; readonly reason: string }
  /** Not answered in time; it may still be stored. */
  | { readonly kind: "late"; readonly reason: string };

export type StoreState = { readonly state: "open" } | { readonly state: "unavailable"; readonly reason: string };

export interface Entry {
  readonly key: string;
  readonly value: unknown;
}

export interface Page {
  /** Only keys behind this one. */
  readonly after?: string;
  readonly limit: number;
}

/** Published in `_gw/stats`. */
export interface StoreCounters {
  readonly state: StoreState["state"];
  readonly entries: number;
  readonly bytes: number;
  /** Records that made room for newer ones. */
  readonly dropped: number;
  /** Writes that were refused, late or lost. */
  readonly failures: number;
}

/** What waits for the disk: at most so many writes, and so much text. */
const MOST_WAITING = 4096;
const MOST_WAITING_BYTES = 16 << 20;
/** What need not outlive a power cut at once does after this. */
const SYNC_AFTER = ms(1000);
/** After a failure it is tried again so often. */
const REOPEN_AFTER = ms(5000);
const NOT_OPEN = { state: "unavailable", reason: "it is not open yet" } as const;

interface Waiting {
  readonly changes: readonly DiskChange[];
  readonly bytes: number;
  readonly durable: boolean;
  readonly settle: (result: Result<undefined, StoreFailure>) => void;
}

/**
 * The store of the office: shelves of small records on a disk that may be slow, full or broken. One write is under way at
 * a time, and what comes meanwhile goes together in the next. Every call has an answer by its deadline.
 */
export class Store {
  readonly changes = new Signal<StoreState>();
  readonly #options: StoreOptions;
  #state: StoreState = NOT_OPEN;
  #shelves: Shelves = emptyShelves();
  #disk: Disk | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #opening: Promise<void> | undefined;
  #reopen: Timer | undefined;
  #sync: Timer | undefined;
  #closed = false;
  #slow = false;
  #dropped = 0;
  #failures = 0;
  #missed = false;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get state(): StoreState {
    return this.#state;
  }

  /** Opens it, or goes on trying; settles when it is open, at the latest after `within`. */
  async open(within: Ms): Promise<StoreState> {
    this.#tryOpen();
    const opened = new Promise<void>((resolve) => {
      const off = this.changes.on(({ state }) => {
        if (state !== "open") return;
        off();
        resolve();
      });
    });
    await this.#before(opened, within);
    return this.#state;
  }

  /** Stores all of it or nothing; later writes never overtake it. */
  write(changes: readonly Change[], { durable, within }: WriteOptions): Promise<Result<undefined, StoreFailure>> {
    const records = changes.map(toRecord);
    const refusal = this.#refusal(records);
    if (refusal) {
      this.#failures++;
      return Promise.resolve(err(refusal));
    }
    const stored = new Promise<Result<undefined, StoreFailure>>((settle) => {
      const all = [...records, ...this.#note(records)].map(({ path, record }) => [path, record] as const);
      const bytes = all.reduce((sum, [key, record]) => sum + sizeOf(key, record ?? ""), 0);
      this.#waitingBytes += bytes;
      this.#waiting.push({ changes: all, bytes, durable, settle });
    });
    this.#pump();
    return this.#inTime(stored, within);
  }

  /** Records of a shelf in the order of their keys. */
  async read(shelf: ShelfName, page: Page, within: Ms): Promise<Result<readonly Entry[], StoreFailure>> {
    const disk = this.#disk;
    if (!disk || this.#state.state !== "open") return err(unavailable(this.#state));
    return this.#inTime(readPage(disk, shelf, page), within);
  }

  /** What lies on a shelf now; `last`: the greatest key, looked for among all. */
  shelf(name: ShelfName): Pick<ShelfIndex, "entries" | "bytes" | "dropped" | "last"> {
    return this.#shelves[name];
  }

  counters(): StoreCounters {
    const indexes = Object.values(this.#shelves);
    return {
      state: this.#state.state,
      entries: indexes.reduce((sum, { entries }) => sum + entries, 0),
      bytes: indexes.reduce((sum, { bytes }) => sum + bytes, 0),
      dropped: this.#dropped,
      failures: this.#failures,
    };
  }

  /** Writes what waits, as far as the disk takes it in time, and lets go of the folder. */
  async close(within: Ms): Promise<void> {
    this.#closed = true;
    this.#reopen?.cancel();
    this.#sync?.cancel();
    await this.#before(this.#finish(), within);
    this.#state = { state: "unavailable", reason: "it is closed" };
  }

  async #finish(): Promise<void> {
    await this.#opening;
    while (this.#writing) await this.#writing;
    const disk = this.#disk;
    this.#disk = undefined;
    await disk?.close().catch(() => undefined);
  }

  #tryOpen(): void {
    this.#opening = this.#open().finally(() => (this.#opening = undefined));
  }

  async #open(): Promise<void> {
    const { folder, kind, tell } = this.#options;
    const opened = await openDisk(folder, kind, tell);
    if (!opened.ok) {
      this.#refuse(opened.failure);
      this.#retryLater();
      return;
    }
    this.#disk = opened.value.disk;
    this.#shelves = opened.value.shelves;
    if (this.#missed) tell("store.available", { folder });
    this.#missed = false;
    this.#set({ state: "open" });
  }

  /** Nothing is taken from now on. */
  #refuse(reason: string): void {
    const { folder, tell } = this.#options;
    const known = this.#missed && this.#state.state === "unavailable" && this.#state.reason === reason;
    this.#missed = true;
    this.#failures++;
    if (!known) tell("store.unavailable", { folder, reason });
    this.#set({ state: "unavailable", reason });
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#reopen = this.#options.clock.after("store.reopen", REOPEN_AFTER, () => this.#tryOpen());
  }

  #set(state: StoreState): void {
    this.#state = state;
    this.changes.emit(state);
  }

  #refusal(records: readonly StoredRecord[]): StoreFailure | undefined {
    if (this.#closed || this.#state.state !== "open") return unavailable(this.#state);
    if (this.#waiting.length >= MOST_WAITING || this.#waitingBytes >= MOST_WAITING_BYTES)
      return { kind: "unavailable", reason: "the disk is too slow" };
    for (const [shelf, changes] of byShelf(records)) {
      if (!this.#shelves[shelf].hasRoom(changes))
        return { kind: "full", reason: `no room for more ${shelf} (at most ${SHELVES[shelf].entries})` };
    }
    return undefined;
  }

  /** Notes what lies where from now on; gives the removal of what had to make room. */
  #note(records: readonly StoredRecord[]): readonly StoredRecord[] {
    return [...byShelf(records)].flatMap(([shelf, changes]) => {
      const dropped = this.#shelves[shelf].apply(changes);
      this.#dropped += dropped.length;
      return dropped.map((key) => toRecord({ shelf, key, value: undefined }));
    });
  }

  #pump(): void {
    if (this.#writing || this.#waiting.length === 0 || !this.#disk) return;
    this.#writing = this.#writeNext(this.#disk).finally(() => {
      this.#writing = undefined;
      this.#pump();
    });
  }

  async #writeNext(disk: Disk): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      await disk.write(
        batch.flatMap(({ changes }) => changes),
        batch.some(({ durable }) => durable),
      );
      this.#slow = false;
      if (!batch.some(({ durable }) => durable)) this.#syncSoon();
      for (const { settle } of batch) settle(ok(undefined));
    } catch (error) {
      await this.#lost(disk, batch, errorMessage(error));
    }
  }

  #syncSoon(): void {
    if (this.#closed) return;
    this.#sync ??= this.#options.clock.after("store.sync", SYNC_AFTER, () => {
      this.#sync = undefined;
      // LevelDB syncs its whole journal with any record
      this.#waiting.push({ changes: [FORMAT_RECORD], bytes: 0, durable: true, settle: () => undefined });
      this.#pump();
    });
  }

  /** A journal with a gap is not written on: the database is closed and opened anew. */
  async #lost(disk: Disk, batch: readonly Waiting[], reason: string): Promise<void> {
    this.#disk = undefined;
    const rest = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#refuse(reason);
    for (const { settle } of [...batch, ...rest]) settle(err({ kind: "unavailable", reason }));
    await disk.close().catch(() => undefined);
    this.#retryLater();
  }

  /** The answer, or that there was none in time. */
  #inTime<T>(answer: Promise<Result<T, StoreFailure>>, within: Ms): Promise<Result<T, StoreFailure>> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after("store.deadline", within, () => {
        this.#late(within);
        resolve(err({ kind: "late", reason: `the disk did not answer within ${within} ms` }));
      });
      const settle = (result: Result<T, StoreFailure>): void => {
        timer.cancel();
        resolve(result);
      };
      answer.then(settle, (error: unknown) => settle(err({ kind: "unavailable", reason: errorMessage(error) })));
    });
  }

  #late(within: Ms): void {
    this.#failures++;
    if (!this.#slow) this.#options.tell("store.slow", { within });
    this.#slow = true;
  }

  #before(end: Promise<void>, within: Ms): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after("store.wait", within, resolve);
      const done = (): void => {
        timer.cancel();
        resolve();
      };
      end.then(done, done);
    });
  }
}

interface StoredRecord {
  readonly shelf: ShelfName;
  readonly key: string;
  readonly path: string;
  readonly record: string | undefined;
}

function toRecord({ shelf, key, value }: Change): StoredRecord {
  return { shelf, key, path: shelf + BORDER + key, record: value === undefined ? undefined : encodeRecord(value) };
}

function byShelf(records: readonly StoredRecord[]): ReadonlyMap<ShelfName, Map<string, number | undefined>> {
  const shelves = new Map<ShelfName, Map<string, number | undefined>>();
  for (const { shelf, key, path, record } of records) {
    const changes = shelves.get(shelf) ?? new Map<string, number | undefined>();
    changes.set(key, record === undefined ? undefined : sizeOf(path, record));
    shelves.set(shelf, changes);
  }
  return shelves;
}

async function readPage(
  disk: Disk,
  shelf: ShelfName,
  { after, limit }: Page,
): Promise<Result<readonly Entry[], StoreFailure>> {
  const entries: Entry[] = [];
  const start = shelf + BORDER;
  try {
    for await (const [path, record] of disk.read(
      after === undefined ? start : `${start}${after}\0`,
      shelf + BEHIND_BORDER,
    )) {
      const value = decodeRecord(record);
      if (value.ok) entries.push({ key: path.slice(start.length), value: value.value });
      if (entries.length >= limit) break;
    }
  } catch (error) {
    return err({ kind: "unavailable", reason: errorMessage(error) });
  }
  return ok(entries);
}

function unavailable(state: StoreState): StoreFailure {
  return { kind: "unavailable", reason: state.state === "open" ? "it is closed" : state.reason };
}
