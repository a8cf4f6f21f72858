import type { Instant } from "../kit/time.ts";
import type { Renewal, SampleBatch, SampleChange } from "./messages.ts";

/** Changes waiting for credit: the newest per tag, the newest renewal per block; never more than the plant has. */
export class PendingSamples {
  #cycle = 0;
  #coalesced = 0;
  readonly #changes = new Map<number, SampleChange>();
  readonly #renewals = new Map<number, Instant>();

  get empty(): boolean {
    return this.#changes.size === 0 && this.#renewals.size === 0;
  }

  /** How many changes and renewals were overtaken by a newer one. */
  get coalesced(): number {
    return this.#coalesced;
  }

  add(batch: Omit<SampleBatch, "kind">): void {
    const before = this.#changes.size + this.#renewals.size;
    this.#cycle = batch.cycle;
    for (const change of batch.samples) this.#changes.set(change.tag, change);
    for (const { block, sourceTime } of batch.renewed) this.#renewals.set(block, sourceTime);
    const added = this.#changes.size + this.#renewals.size - before;
    this.#coalesced += batch.samples.length + batch.renewed.length - added;
  }

  /** Forgets renewals: their block numbers mean something else now, and the next read renews again. */
  forgetRenewals(): void {
    this.#renewals.clear();
  }

  take(): SampleBatch {
    const renewed = Array.from(this.#renewals, ([block, sourceTime]): Renewal => ({ block, sourceTime }));
    const batch: SampleBatch = { kind: "samples", cycle: this.#cycle, samples: [...this.#changes.values()], renewed };
    this.#changes.clear();
    this.#renewals.clear();
    return batch;
  }
}
