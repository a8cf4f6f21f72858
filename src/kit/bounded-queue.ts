import { invariant } from "./invariant.ts";

export type WhenFull = "refuse" | "dropOldest";

/** A first-in-first-out queue with a limit, a stated policy for when it is full, and a count of what that cost. */
export class BoundedQueue<T> {
  readonly #limit: number;
  readonly #whenFull: WhenFull;
  readonly #items: T[] = [];
  #head = 0;
  #dropped = 0;

  constructor(options: { readonly limit: number; readonly whenFull: WhenFull }) {
    invariant(options.limit >= 1, `a queue of ${options.limit} items holds nothing`);
    this.#limit = options.limit;
    this.#whenFull = options.whenFull;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Oldest first; nothing is taken out. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.slice(this.#head).values();
  }

  /** How many items were refused or dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Appends `item`; false when the queue was full and refuses. */
  push(item: T): boolean {
    if (this.size >= this.#limit) {
      this.#dropped++;
      if (this.#whenFull === "refuse") return false;
      this.shift();
    }
    this.#items.push(item);
    return true;
  }

  shift(): T | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head * 2 > this.#items.length) this.#compact();
    return item;
  }

  /** Takes everything out, oldest first. */
  drain(): T[] {
    this.#compact();
    return this.#items.splice(0);
  }

  /** Forgets what was taken; done whenever that is the greater half, it costs one copy an item. */
  #compact(): void {
    this.#items.splice(0, this.#head);
    this.#head = 0;
  }
}
