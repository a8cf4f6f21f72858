/**
 * Splits a stream into its lines. `push` gives those that `chunk` completes, or undefined once a line is longer than
 * `limit` bytes: the stream then has to end.
 */
export class TextLines {
  readonly #limit: number;
  #held: Buffer = Buffer.alloc(0);

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): readonly string[] | undefined {
    const lines: string[] = [];
    let rest = Buffer.concat([this.#held, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (end > this.#limit) return undefined;
      lines.push(rest.toString("utf8", 0, end));
      rest = rest.subarray(end + 1);
    }
    this.#held = rest;
    return rest.length > this.#limit ? undefined : lines;
  }
}
