/** Something others may listen to; listeners are called in the order in which they came. */
export interface Listenable<T> {
  on(listener: (event: T) => void): () => void;
}

/** A typed event source. `on` returns the function that ends the listening, at once. */
export class Signal<T> implements Listenable<T> {
  readonly #listeners = new Set<(event: T) => void>();

  on(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: T): void {
    for (const listener of [...this.#listeners]) {
      if (this.#listeners.has(listener)) listener(event);
    }
  }
}
