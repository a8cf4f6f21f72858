/**
 * One of the four tables of a slave. A coil or discrete input is kept as 0 or 1, a register as 0..65535. Addresses
 * exist only where something was mapped; a master may change only the bits that were mapped as writable.
 */
export class MemoryTable {
  readonly #values: Uint16Array;
  readonly #readable: Uint8Array;
  readonly #writableBits: Uint16Array;

  /** `size`: one more than the highest address. */
  constructor(size: number) {
    this.#values = new Uint16Array(size);
    this.#readable = new Uint8Array(size);
    this.#writableBits = new Uint16Array(size);
  }

  /** Makes `quantity` addresses from `address` on readable, and their bits in `writableBits` writable. */
  map(address: number, quantity: number, writableBits: number): void {
    for (let at = address; at < address + quantity; at++) {
      this.#readable[at] = 1;
      this.#writableBits[at] = (this.#writableBits[at] ?? 0) | writableBits;
    }
  }

  /** Makes holes of at most `gap` addresses between two mapped ones readable, as 0. */
  bridge(gap: number): void {
    let last = -1;
    for (let at = 0; at < this.#readable.length; at++) {
      if (!this.#readable[at]) continue;
      if (last >= 0 && at - last - 1 <= gap) this.map(last + 1, at - last - 1, 0);
      last = at;
    }
  }

  isReadable(address: number, quantity: number): boolean {
    return allTrue(this.#readable, address, quantity);
  }

  isWritable(address: number, quantity: number): boolean {
    return allTrue(this.#writableBits, address, quantity);
  }

  read(address: number, quantity: number): readonly number[] {
    return Array.from(this.#values.subarray(address, address + quantity));
  }

  /** What a master's write does: bits that are not writable keep their value. */
  write(address: number, values: readonly number[]): void {
    values.forEach((value, index) => this.put(address + index, value, this.#writableBits[address + index] ?? 0));
  }

  /** What the device itself does: the bits of `mask` become those of `value`. */
  put(address: number, value: number, mask = 0xffff): void {
    this.#values[address] = ((this.#values[address] ?? 0) & ~mask) | (value & mask);
  }
}

function allTrue(flags: Uint8Array | Uint16Array, address: number, quantity: number): boolean {
  if (address + quantity > flags.length) return false;
  for (let at = address; at < address + quantity; at++) if (!flags[at]) return false;
  return true;
}
