/** A place where only one arm may be at a time. */
export class Zone {
  #owner: object | undefined;

  /** True when `arm` has the zone now. */
  enter(arm: object): boolean {
    this.#owner ??= arm;
    return this.#owner === arm;
  }

  leave(arm: object): void {
    if (this.#owner === arm) this.#owner = undefined;
  }
}
