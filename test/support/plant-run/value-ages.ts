import { between, type Instant, type Ms, ms } from "../../../src/kit/time.ts";
import type { PlantProof } from "../../../src/plan/plant-proof.ts";
import { entriesOf } from "../../../src/plan/read-block.ts";
import type { InputImage } from "../../../src/scan/image/process-image.ts";

/** Nothing is old by a rounding error. */
const EPSILON = 1e-3;

/** How old the values of every tag that is read in turn get before the next is there, beside what was predicted. */
export class ValueAges {
  readonly #tags: readonly { readonly index: number; readonly name: string; readonly line: string; readonly age: Ms }[];
  readonly #shown = new Map<number, Instant>();
  readonly #old = new Map<string, string[]>();
  readonly #oldest = new Map<string, number>();

  constructor({ lines }: PlantProof) {
    this.#tags = lines.flatMap(({ plan, proof }) =>
      plan.cyclic.flatMap(({ block }, at) =>
        entriesOf(block).map(({ index, tag, device }) => {
          return { index, name: `${device.name}/${tag.name}`, line: plan.line, age: proof.ages[at] ?? ms(0) };
        }),
      ),
    );
  }

  /** After a latch. What was shown until now got as old as now. */
  look(image: InputImage, now: Instant): void {
    for (const { index, name, line, age } of this.#tags) {
      const { sourceTime } = image.sample(index);
      const before = this.#shown.get(index);
      if (sourceTime !== undefined) this.#shown.set(index, sourceTime);
      if (before === undefined) continue;
      const old = between(before, now);
      this.#oldest.set(line, Math.max(this.oldest(line), old / age));
      if (old > age + EPSILON) this.#note(line, `${name} got ${old} ms old, not ${age} at most, at ${now}`);
    }
  }

  /** Every value of this line that got older than predicted. */
  old(line: string): readonly string[] {
    return this.#old.get(line) ?? [];
  }

  /** How old its values got at most, as a share of what was predicted for them. */
  oldest(line: string): number {
    return this.#oldest.get(line) ?? 0;
  }

  #note(line: string, what: string): void {
    const known = this.#old.get(line);
    if (known) known.push(what);
    else this.#old.set(line, [what]);
  }
}
