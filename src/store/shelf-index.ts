import type { ShelfLimit } from "./shelves.ts";

/** Sizes by key; undefined: removed. */
export type SizeChanges = ReadonlyMap<string, number | undefined>;

/** Which keys lie on a shelf and how large they are, oldest first; the values stay on the disk. */
export class ShelfIndex {
  readonly #limit: ShelfLimit;
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #dropped = 0;

  constructor(limit: ShelfLimit) {
    this.#limit = limit;
  }

  get entries(): number {
    return this.#sizes.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keys that made room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The greatest key. */
  get last(): string | undefined {
    let last: string | undefined;
    for (const key of this.#sizes.keys()) if (last === undefined || key > last) last = key;
    return last;
  }

  /** Whether all of it fits, once the oldest that may go are gone. */
  hasRoom(changes: SizeChanges): boolean {
    const { entries, bytes: most, whenFull } = this.#limit;
    let added = 0;
    let given = 0;
    let before = 0;
    for (const [key, size] of changes) {
      const old = this.#sizes.get(key);
      added += (size === undefined ? 0 : 1) - (old === undefined ? 0 : 1);
      given += size ?? 0;
      before += old ?? 0;
    }
    if (whenFull === "dropOldest") return given <= most && changes.size <= entries;
    const grows = added > 0 || given > before;
    return !grows || (this.#sizes.size + added <= entries && this.#bytes + given - before <= most);
  }

  /** Notes what is stored and removed; gives the keys that had to make room. */
  apply(changes: SizeChanges): readonly string[] {
    for (const [key, size] of changes) {
      this.remove(key);
      if (size !== undefined) this.put(key, size);
    }
    const dropped: string[] = [];
    for (const oldest of this.#sizes.keys()) {
      if (this.#sizes.size <= this.#limit.entries && this.#bytes <= this.#limit.bytes) break;
      if (this.#limit.whenFull === "refuse") break;
      this.remove(oldest);
      dropped.push(oldest);
    }
    this.#dropped += dropped.length;
    return dropped;
  }

  put(key: string, size: number): void {
    this.#sizes.set(key, size);
    this.#bytes += size;
  }

  remove(key: string): void {
    this.#bytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }
}
