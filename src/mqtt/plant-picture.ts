import type { Renewal, SampleChange } from "../link/messages.ts";
import { instant, type Instant } from "../kit/time.ts";
import { isPublishable } from "./value-json.ts";

/** What the office knows of every tag: the newest change, and how old its block is. */
export class PlantPicture {
  readonly #samples: SampleChange[];
  /** Source time of a tag's value, moved on by renewals of its block; NaN: never read. */
  readonly #ownTime: Float64Array;
  readonly #blockOf: Int32Array;
  #blockTime = new Float64Array(0);

  constructor(tags: number) {
    this.#samples = Array.from({ length: tags }, (_, tag) => ({ ...NEVER_READ, tag }));
    this.#ownTime = new Float64Array(tags).fill(NaN);
    this.#blockOf = new Int32Array(tags).fill(-1);
  }

  /** The newest sample; a tag of which nothing was heard is bad, never read. */
  sample(tag: number): SampleChange {
    return this.#samples[tag] ?? NEVER_READ;
  }

  /** How old the tag's value is at most; undefined: never read. */
  sourceTime(tag: number): Instant | undefined {
    const own = this.#ownTime[tag] ?? NaN;
    const block = this.#blockTime[this.#blockOf[tag] ?? -1] ?? NaN;
    const newest = block > own ? block : own;
    return Number.isNaN(newest) ? undefined : instant(newest);
  }

  /** Takes a change over; a number that JSON cannot say becomes bad. */
  apply(change: SampleChange): SampleChange {
    const sample = isPublishable(change.value) ? change : unpublishable(change);
    this.#samples[change.tag] = sample;
    this.#ownTime[change.tag] = change.sourceTime ?? NaN;
    return sample;
  }

  renew({ block, sourceTime }: Renewal): void {
    this.#blockTime[block] = sourceTime;
  }

  /** New read blocks: what the old ones said of their tags' age is kept with the tags. */
  regroup(blocks: readonly (readonly number[])[]): void {
    for (let tag = 0; tag < this.#ownTime.length; tag++) this.#ownTime[tag] = this.sourceTime(tag) ?? NaN;
    this.#blockOf.fill(-1);
    this.#blockTime = new Float64Array(blocks.length).fill(NaN);
    for (const [block, tags] of blocks.entries()) {
      for (const tag of tags) this.#blockOf[tag] = block;
    }
  }
}

const NEVER_READ: SampleChange = { tag: -1, value: null, quality: "bad", reason: "neverRead", sourceTime: undefined };

function unpublishable(change: SampleChange): SampleChange {
  return { ...change, value: null, quality: "bad", reason: "invalid" };
}
