/** So many requests in a row that came back, or did not, are no accident. */
const ENOUGH = 5;

/** Notices whether an adapter hears what it sends. */
export class EchoWatch {
  #present = false;
  #contrary = 0;

  /** Whether a request came back; true when that changes what is to be thought of the adapter. */
  heard(echoed: boolean): boolean {
    this.#contrary = echoed === this.#present ? 0 : this.#contrary + 1;
    if (this.#contrary < ENOUGH) return false;
    this.#contrary = 0;
    this.#present = echoed;
    return true;
  }
}
