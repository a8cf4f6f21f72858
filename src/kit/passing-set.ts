/**
 * A set in the order of insertion, for what comes and goes by the hundred a second. V8 keeps every table that a Set outgrew
 * linked to the next, with all that was in it: once one of them is old, whatever passes through later grows old with it, and
 * stays until the next full collection of garbage. This one begins anew whenever it runs empty, which breaks the chain.
 */
export class PassingSet<T> {
  #elements = new Set<T>();

  get size(): number {
    return this.#elements.size;
  }

  add(element: T): void {
    this.#elements.add(element);
  }

  /** Whether it was there. */
  delete(element: T): boolean {
    const deleted = this.#elements.delete(element);
    if (this.#elements.size === 0) this.clear();
    return deleted;
  }

  clear(): void {
    this.#elements = new Set();
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#elements[Symbol.iterator]();
  }
}
