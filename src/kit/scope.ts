/** Ends something; may take time. */
export type Closer = () => void | Promise<void>;

/**
 * Owns what was started: closes it in reverse order, once. A promise that nobody awaits is handed to `own`, so that
 * its failure is heard and the scope's end waits for it.
 */
export class Scope {
  readonly #closers: Closer[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;
  #closing: Promise<void> | undefined;
  #ended = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Registers what has to happen when the scope ends; at once where it has ended already. */
  onClose(closer: Closer): void {
    this.#closers.push(closer);
    if (this.#ended) this.own(this.#runClosers());
  }

  /** Takes responsibility for `promise`. */
  own(promise: Promise<unknown>): void {
    const owned: Promise<void> = promise
      .then(
        () => undefined,
        (error: unknown) => this.#onError(error),
      )
      .finally(() => this.#running.delete(owned));
    this.#running.add(owned);
  }

  /**
   * Closes everything, newest first, and waits for what it owns; a closer that fails is reported and does not stop the
   * others. Not to be awaited by something the scope owns: the two would wait for each other.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    while (this.#closers.length > 0 || this.#running.size > 0) {
      await this.#runClosers();
      await Promise.all(this.#running);
    }
    this.#ended = true;
  }

  async #runClosers(): Promise<void> {
    for (let closer = this.#closers.pop(); closer; closer = this.#closers.pop()) {
      try {
        await closer();
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
