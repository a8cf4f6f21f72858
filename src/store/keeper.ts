import { Scope } from "../kit/scope.ts";
import { ms } from "../kit/time.ts";
import { type Kept, type KeptShelf, NOTHING_RECALLED, type Recalled } from "../scan/devices/kept.ts";
import type { Change, Store } from "./store.ts";
import type { Plain } from "./stored-json.ts";

const WITHIN = ms(3000);

/** Stores what the scan wants kept, the newest under each key; while there is no store it waits here. */
export class Keeper {
  readonly #store: Store;
  /** Not stored yet; no more than the plant has tags, variables and alarms. */
  readonly #unstored = new Map<string, Kept>();
  readonly #scope: Scope;
  #writing = false;
  readonly #off: () => void;

  /** `onError` is told of a bug of ours. */
  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#scope = new Scope(onError);
    this.#off = store.changes.on(({ state }) => state === "open" && this.#write());
  }

  /** What was kept when the master ended; where there is no store, nothing. */
  async recall(): Promise<Recalled> {
    const recalled = await Promise.all(SHELVES.map(async (shelf) => [shelf, await this.#read(shelf)] as const));
    return { ...NOTHING_RECALLED, ...Object.fromEntries(recalled) };
  }

  keep(kept: Kept): void {
    const name = `${kept.shelf}/${kept.key}`;
    this.#unstored.delete(name);
    this.#unstored.set(name, kept);
    this.#write();
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#off();
    await this.#scope.close();
  }

  async #read(shelf: KeptShelf): Promise<ReadonlyMap<string, unknown>> {
    const read = await this.#store.read(shelf, { limit: Infinity }, WITHIN);
    return new Map(read.ok ? read.value.map(({ key, value }) => [key, value]) : []);
  }

  /** One write at a time; what fails is left for when the store is back. */
  #write(): void {
    if (this.#writing || this.#unstored.size === 0 || this.#store.state.state !== "open") return;
    const batch = new Map(this.#unstored);
    this.#unstored.clear();
    this.#writing = true;
    // the composition root's link gives plain data
    const changes = [...batch.values()].map(({ shelf, key, value }) => ({
      shelf,
      key,
      value: value as Plain | undefined,
    }));
    this.#scope.own(this.#writeBatch(batch, changes));
  }

  async #writeBatch(batch: ReadonlyMap<string, Kept>, changes: readonly Change[]): Promise<void> {
    const stored = await this.#store.write(changes, { durable: false, within: WITHIN });
    this.#writing = false;
    if (stored.ok || stored.failure.kind === "full") {
      this.#write();
      return;
    }
    for (const [name, kept] of batch) if (!this.#unstored.has(name)) this.#unstored.set(name, kept);
  }
}

const SHELVES: readonly KeptShelf[] = ["holes", "retained", "alarms"];
