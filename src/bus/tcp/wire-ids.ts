const ID_COUNT = 65_536;

/** How many unanswered ids are kept out of use; at 8 in flight and 100 ms each that is more than a minute and a half. */
const MOST_RETIRED = 8192;

/**
 * Transaction ids of one connection: counted up through all 65,536, leaving out those whose answer may still come.
 * An id is thus used again only after 65,535 others, and one that timed out not before its late answer, or before
 * 8,192 others have timed out after it.
 */
export class WireIds<Asked> {
  /** With what was asked under them. */
  readonly #retired = new Map<number, Asked>();
  #issued = 0;

  /** The next id; `inUse` says which are under way. */
  issue(inUse: (id: number) => boolean): number {
    let id = this.#issued++ % ID_COUNT;
    while (this.#retired.has(id) || inUse(id)) id = this.#issued++ % ID_COUNT;
    return id;
  }

  /** Nobody waits for this id any more, but its answer may still come. */
  retire(id: number, asked: Asked): void {
    this.#retired.set(id, asked);
    if (this.#retired.size <= MOST_RETIRED) return;
    const [oldest] = this.#retired.keys();
    if (oldest !== undefined) this.#retired.delete(oldest);
  }

  /** What was asked under a retired id whose answer may still come. */
  retired(id: number): Asked | undefined {
    return this.#retired.get(id);
  }

  /** The answer to a retired id came after all. */
  answered(id: number): void {
    this.#retired.delete(id);
  }

  /** Whether this id was ever issued here; what comes with another id answers nothing we asked. */
  wasIssued(id: number): boolean {
    return id < this.#issued;
  }
}
