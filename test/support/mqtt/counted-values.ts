import assert from "node:assert/strict";

/** What arrived of a tag `count` that counts 1, 2, 3, … on `data` topics and, stored in between, on `hist` topics. */
export class CountedValues {
  readonly #seen = new Set<number>();
  readonly #newest = { data: 0, hist: 0 };
  /** Messages that came again, and values that came for the first time as stored ones. */
  again = 0;
  stored = 0;
  readonly #disorder: string[] = [];

  hear(topic: string, payload: string): void {
    const leaf = topic.split("/").at(-1);
    if (leaf !== "data" && leaf !== "hist") return;
    const { values } = JSON.parse(payload) as { readonly values: { readonly count?: number | null } };
    if (typeof values.count === "number") this.#count(leaf, values.count);
  }

  /** Values of 1 to `last` that never arrived. */
  missing(last: number): readonly number[] {
    return Array.from({ length: last }, (_, index) => index + 1).filter((value) => !this.#seen.has(value));
  }

  /** `overtaken`: so many may be missing. */
  assertAll(last: number, overtaken = 0): void {
    const missing = this.missing(last);
    assert.ok(missing.length <= overtaken, `missing: ${missing.join(", ")}; ${overtaken} were overtaken`);
    assert.deepEqual(this.#disorder, []);
    assert.ok(this.stored > 0, "nothing was ever stored: the test tests nothing");
  }

  /** What is new on a topic is newer than everything that was new on it before. */
  #count(leaf: "data" | "hist", value: number): void {
    if (this.#seen.has(value)) {
      this.again++;
      return;
    }
    this.#seen.add(value);
    if (leaf === "hist") this.stored++;
    if (value <= this.#newest[leaf]) this.#disorder.push(`${leaf} ${value} after ${this.#newest[leaf]}`);
    this.#newest[leaf] = value;
  }
}
