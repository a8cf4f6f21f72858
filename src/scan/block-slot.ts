import { bisect, type ReadBlock } from "../plan/read-block.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Instant } from "../kit/time.ts";

/** One part of a slot: the whole block, or what bisection left of it. */
export interface BlockPart {
  readonly slot: BlockSlot;
  readonly block: ReadBlock;
  /** Waiting or under way: it is not asked for a second time. */
  pending: boolean;
}

/**
 * A planned block with its turn. When the device refuses it, it falls apart into smaller blocks until the refused tags
 * stand alone; those are left out, the rest keeps its turn.
 */
export class BlockSlot {
  readonly planned: ReadBlock;
  #parts: readonly BlockPart[];
  #refused: readonly TagEntry[] = [];
  #refusedAt: Instant | undefined;

  constructor(planned: ReadBlock) {
    this.planned = planned;
    this.#parts = [this.#part(planned)];
  }

  get parts(): readonly BlockPart[] {
    return this.#parts;
  }

  /** Tags the device refuses to show. */
  get refused(): readonly TagEntry[] {
    return this.#refused;
  }

  /** When the first of them was found. */
  get refusedAt(): Instant | undefined {
    return this.#refusedAt;
  }

  /** The device refused this part: gives the smaller parts to try at once, or none where the refused tag is found. */
  refuse(part: BlockPart, at: Instant): readonly BlockPart[] {
    if (!this.#parts.includes(part)) return [];
    const halves = bisect(part.block)?.map((block) => this.#part(block)) ?? [];
    this.#parts = this.#parts.flatMap((other) => (other === part ? halves : [other]));
    if (halves.length === 0) {
      this.#refused = [...this.#refused, ...part.block.items.flatMap((item) => item.entries)];
      this.#refusedAt ??= at;
    }
    return halves;
  }

  /** Asks for everything again: what a device refused may have been its booting. */
  reset(): readonly BlockPart[] {
    this.#parts = [this.#part(this.planned)];
    this.#refused = [];
    this.#refusedAt = undefined;
    return this.#parts;
  }

  #part(block: ReadBlock): BlockPart {
    return { slot: this, block, pending: false };
  }
}
