/** A sum over everything that happened, in order: two runs with the same sum went the same way. */
export class TraceHash {
  readonly #number = new Float64Array(1);
  readonly #halves = new Uint32Array(this.#number.buffer);
  #high = 0x811c9dc5;
  #low = 0x1b873593;

  /** Sixteen hexadecimal digits. */
  get text(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }

  number(value: number): void {
    this.#number[0] = value;
    this.#mix(this.#halves[0] ?? 0);
    this.#mix(this.#halves[1] ?? 0);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#mix(byte);
  }

  string(text: string): void {
    for (let at = 0; at < text.length; at++) this.#mix(text.charCodeAt(at));
  }

  #mix(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 0x01000193);
    this.#low = Math.imul(((this.#low << 13) | (this.#low >>> 19)) ^ word, 0xcc9e2d51) + this.#high;
  }
}
