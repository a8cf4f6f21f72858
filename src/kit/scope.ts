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

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Registers what has to happen when the scope ends. */
  onClose(closer: Closer): void {
    this.#closers.push(closer);
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

  /** Closes everything, newest first; a closer that fails is reported and does not stop the others. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (let closer = this.#closers.pop(); closer; closer = this.#closers.pop()) {
      try {
        await closer();
      } catch (error) {
        this.#onError(error);
      }
    }
    await Promise.all(this.#running);
  }
}
