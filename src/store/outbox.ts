import type { Clock, Timer } from "../kit/clock.ts";
import { PassingSet } from "../kit/passing-set.ts";
import { Scope } from "../kit/scope.ts";
import { between, type Instant, type Ms, ms, type WallTime, wallTime } from "../kit/time.ts";
import { Pace } from "./pace.ts";
import type { Change, Entry, Store } from "./store.ts";
import type { Plain } from "./stored-json.ts";

export interface OutboxOptions {
  /** Undefined: what waits is lost with the process. */
  readonly store: Pick<Store, "state" | "changes" | "read" | "write" | "shelf"> | undefined;
  readonly shelf: "outbox" | "history";
  readonly clock: Clock;
  /** What is older is not sent any more. */
  readonly maxAge: Ms;
  /** From one stored message that is sent to the next, on average. */
  readonly pace: Ms;
  /** A bug of ours. */
  readonly onError: (error: unknown) => void;
}

/** A message that has not been acknowledged. */
export interface OutboxEntry {
  readonly value: unknown;
  /** When it was made. */
  readonly at: WallTime;
}

/** Published in `_gw/stats`. */
export interface OutboxCounters {
  /** Messages that wait to be sent, or to be acknowledged. */
  readonly waiting: number;
  readonly bytes: number;
  /** Messages of these that are not on the disk: on their way for less than a second, or the disk is slow or away. */
  readonly unstored: number;
  /** Messages that made room for newer ones. */
  readonly dropped: number;
  /** Messages that became too old. */
  readonly expired: number;
  /** Stored messages that were sent. */
  readonly replayed: number;
}

/** `live`: on its way for the first time. `replayed`: on its way as a stored one. */
interface Held extends OutboxEntry {
  readonly value: Plain;
  readonly since: Instant;
  readonly bytes: number;
  key: string | undefined;
  state: "live" | "waiting" | "replayed";
}

type StoredEntry = Pick<Held, "at" | "value">;

/** What the broker has not acknowledged by then is stored; while it is away, everything is at once. */
const STORED_AFTER = ms(1000);
const TICK = ms(250);
/** Not stored yet: at most so much, where the disk is slow or there is none. */
const MOST_IN_MEMORY = 4 << 20;
const WITHIN = ms(3000);
/** Read, and written, at a time. */
const PAGE = 200;
const BATCH = 500;
/** What an entry costs beside its text. */
const OVERHEAD = 64;
/** A clock that shows less was never set: what was stamped by it has no age. */
const CLOCK_UNSET = wallTime(Date.UTC(2026, 0, 1));
const KEY_DIGITS = 15;
const BEHIND_LAST = "~";

/**
 * Messages in the order in which they were made, until they are acknowledged: those on their way, those that were never
 * sent, and those of an earlier life. It forgets nothing but what is acknowledged, too old, or has to make room, and it
 * replays what waits oldest first. What is acknowledged within a second never touches the disk.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #scope: Scope;
  readonly #pace: Pace;
  /** Not on the disk yet, oldest first. */
  readonly #recent = new PassingSet<Held>();
  /** On the disk, and on their way since before they were. */
  readonly #flying = new PassingSet<Held>();
  /** The key of the first live one that flies, before which the reading stopped: whether it has to come again is not known yet. */
  #fence: string | undefined;
  /** Read from the disk, to be replayed next. */
  #head: Held[] = [];
  /** On the disk, and to be removed. */
  readonly #gone = new Set<string>();
  #connected = false;
  /** Number of the newest key. */
  #number = 0;
  /** The newest key on the disk, and up to where it was read. */
  #last = "";
  #cursor = "";
  #writing = false;
  #reading = false;
  #bytes = 0;
  #dropped = 0;
  #expired = 0;
  #replays = 0;
  readonly #ticker: Timer;
  readonly #off: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    const { store, clock, pace, onError } = options;
    this.#options = options;
    this.#scope = new Scope(onError);
    this.#pace = new Pace(pace, clock);
    this.#ticker = clock.every("outbox.tick", TICK, () => this.#write());
    this.#off = store?.changes.on(({ state }) => state === "open" && this.#opened());
    if (store?.state.state === "open") this.#opened();
  }

  /** A message that is handed to the broker now. */
  live(value: Plain): OutboxEntry {
    return this.#hold(value, "live");
  }

  /** A message that nobody could be handed. */
  keep(value: Plain): void {
    this.#hold(value, "waiting");
  }

  /** The oldest message that waits, if it is time; it is on its way from now on. */
  next(): OutboxEntry | undefined {
    if (!this.#connected || !this.#pace.allows()) return undefined;
    const entry = this.#fromDisk() ?? this.#fromMemory();
    if (!entry) return undefined;
    this.#pace.spend();
    this.#replays++;
    entry.state = "replayed";
    return entry;
  }

  acknowledged(entry: OutboxEntry): void {
    const held = entry as Held; // nobody else makes entries
    this.#forget(held);
    this.#flying.delete(held);
    if (held.key !== undefined) this.#gone.add(held.key);
  }

  connected(): void {
    this.#connected = true;
  }

  /** Nothing that is on its way will be acknowledged any more. */
  disconnected(): void {
    this.#connected = false;
    for (const held of this.#recent) held.state = "waiting";
    this.#flying.clear();
    this.#head = [];
    this.#cursor = "";
    this.#fence = undefined;
    this.#write();
  }

  counters(): OutboxCounters {
    const { store, shelf } = this.#options;
    const stored = store?.shelf(shelf) ?? { entries: 0, bytes: 0, dropped: 0 };
    return {
      waiting: this.#recent.size + Math.max(0, stored.entries - this.#gone.size),
      bytes: this.#bytes + stored.bytes,
      unstored: this.#recent.size,
      dropped: this.#dropped + stored.dropped,
      expired: this.#expired,
      replayed: this.#replays,
    };
  }

  /** Stores what is not acknowledged, as far as the disk takes it. */
  async close(): Promise<void> {
    this.#ticker.cancel();
    this.#off?.();
    this.disconnected();
    await this.#scope.close();
  }

  #hold(value: Plain, state: "live" | "waiting"): Held {
    const { clock } = this.#options;
    const bytes = JSON.stringify(value, textOfBigint).length + OVERHEAD;
    const held: Held = { value, state, bytes, at: clock.wall(), since: clock.now(), key: undefined };
    this.#recent.add(held);
    this.#bytes += bytes;
    this.#makeRoom();
    if (!this.#connected) this.#write();
    return held;
  }

  #forget(held: Held): boolean {
    if (!this.#recent.delete(held)) return false;
    this.#bytes -= held.bytes;
    return true;
  }

  #makeRoom(): void {
    for (const held of this.#recent) {
      if (this.#bytes <= MOST_IN_MEMORY) return;
      if (held.state !== "waiting") continue;
      this.#forget(held);
      if (held.key !== undefined) this.#gone.add(held.key);
      this.#dropped++;
    }
  }

  #opened(): void {
    const { store, shelf } = this.#options;
    // What was found there first is of earlier lives; later ones are ours, and known.
    if (this.#number === 0) {
      this.#last = store?.shelf(shelf).last ?? "";
      this.#number = Number(this.#last);
    }
    this.#write();
  }

  #fromDisk(): Held | undefined {
    for (let held = this.#head.shift(); held; held = this.#head.shift()) {
      if (!this.#isTooOld(held)) return held;
      this.#expired++;
      this.acknowledged(held);
    }
    const isFenced = this.#fence !== undefined && this.#fence === this.#firstFlying;
    if (this.#cursor < this.#last && !this.#reading && !isFenced) this.#scope.own(this.#read());
    return undefined;
  }

  /** Once nothing waits on the disk. Never past one that is on its way for the first time: it may have to come again. */
  #fromMemory(): Held | undefined {
    if (this.#cursor < this.#last || this.#reading) return undefined;
    for (const held of this.#recent) if (held.state !== "replayed") return held.state === "waiting" ? held : undefined;
    return undefined;
  }

  #isTooOld({ at }: Held): boolean {
    return at >= CLOCK_UNSET && this.#options.clock.wall() - at > this.#options.maxAge;
  }

  async #read(): Promise<void> {
    const { store, shelf } = this.#options;
    if (!store) return;
    this.#reading = true;
    const from = this.#cursor;
    const page = await store.read(shelf, { after: from, limit: PAGE }, WITHIN);
    this.#reading = false;
    if (!page.ok || this.#cursor !== from || this.#head.length > 0) return;
    this.#fence = this.#firstFlying;
    const flying = new Set([...this.#flying].map((held) => held.key));
    const end = this.#fence ?? BEHIND_LAST;
    const read = page.value.filter(({ key }) => key < end && key <= this.#last);
    this.#cursor = read.at(-1)?.key ?? (this.#fence === undefined ? this.#last : from);
    this.#head = read.filter(({ key }) => !this.#gone.has(key) && !flying.has(key)).map((entry) => this.#stored(entry));
  }

  /** The key of the first on its way for the first time. */
  get #firstFlying(): string | undefined {
    for (const held of this.#flying) if (held.state === "live") return held.key;
    return undefined;
  }

  #stored({ key, value }: Entry): Held {
    const record = value as StoredEntry; // a checksum says that it is what #writeBatch stored
    return { key, ...record, since: this.#options.clock.now(), bytes: 0, state: "waiting" };
  }

  /** One write at a time; what fails is written again, under the same key. */
  #write(): void {
    const { store } = this.#options;
    if (this.#writing || store?.state.state !== "open") return;
    const batch = this.#dueForDisk();
    const gone = [...this.#gone].slice(0, BATCH);
    if (batch.length === 0 && gone.length === 0) return;
    this.#writing = true;
    this.#scope.own(this.#writeBatch(store, batch, gone));
  }

  #dueForDisk(): readonly Held[] {
    const now = this.#options.clock.now();
    const due: Held[] = [];
    for (const held of this.#recent) {
      if (due.length >= BATCH || (this.#connected && between(held.since, now) < STORED_AFTER)) break;
      due.push(held);
    }
    return due;
  }

  async #writeBatch(
    store: NonNullable<OutboxOptions["store"]>,
    batch: readonly Held[],
    gone: readonly string[],
  ): Promise<void> {
    const { shelf } = this.#options;
    const puts = batch.map((held): Change => {
      held.key ??= String(++this.#number).padStart(KEY_DIGITS, "0");
      return { shelf, key: held.key, value: { at: held.at, value: held.value } };
    });
    const removals = gone.map((key): Change => ({ shelf, key, value: undefined }));
    const written = await store.write([...puts, ...removals], { durable: false, within: WITHIN });
    this.#writing = false;
    if (!written.ok) return;
    for (const key of gone) this.#gone.delete(key);
    for (const held of batch) this.#isStored(held);
    this.#write();
  }

  /** What was acknowledged meanwhile is among the gone. */
  #isStored(held: Held): void {
    if (held.key !== undefined && held.key > this.#last) this.#last = held.key;
    if (this.#forget(held) && held.state !== "waiting") this.#flying.add(held);
  }
}

function textOfBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
