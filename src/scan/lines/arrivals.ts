import type { Exchange } from "../../bus/line/line.ts";
import type { Reading, TagCodec } from "../../device/tag-codec.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { invariant } from "../../kit/invariant.ts";
import type { Instant } from "../../kit/time.ts";
import { entriesOf, type ReadBlock } from "../../plan/read-block.ts";
import type { BlockPart } from "./block-slot.ts";
import type { ProcessImage } from "../image/process-image.ts";
import { decodeAnswer } from "../image/decode-answer.ts";

/** A part that was answered, with what its registers say. */
export interface ReadArrival {
  readonly part: BlockPart;
  readonly tags: readonly PlacedTag[];
  /** One for each of `tags`. */
  readonly readings: readonly Reading[];
  /** When the request's last byte left. */
  readonly at: Instant;
}

/** A tag with its place in the answer to its block. */
interface PlacedTag {
  readonly tag: number;
  readonly codec: TagCodec;
  readonly offset: number;
}

/** What came in since the last latch; decoded as it comes, while the thread is free, and applied in one go. */
export class Arrivals {
  readonly #codecs: readonly TagCodec[];
  readonly #placed = new WeakMap<ReadBlock, readonly PlacedTag[]>();
  #reads: ReadArrival[] = [];
  #refused: TagEntry[] = [];

  constructor(codecs: readonly TagCodec[]) {
    this.#codecs = codecs;
  }

  read(part: BlockPart, { answer, sentAt }: Exchange): void {
    const tags = this.#tagsOf(part.block);
    this.#reads.push({
      part,
      tags,
      readings: tags.map(({ codec, offset }) => decodeAnswer(codec, answer, offset)),
      at: sentAt,
    });
  }

  refused(entries: readonly TagEntry[]): void {
    this.#refused.push(...entries);
  }

  /** Moves everything into the image; gives the parts that were read. */
  apply(image: ProcessImage): readonly ReadArrival[] {
    const reads = this.#reads;
    for (const { tags, readings, at } of reads) {
      tags.forEach(({ tag }, index) => {
        const reading = readings[index];
        if (reading) image.read(tag, reading.value, reading.reason, at);
      });
    }
    for (const entry of this.#refused) image.lose(entry.index, "refused");
    this.#reads = [];
    this.#refused = [];
    return reads;
  }

  #tagsOf(block: ReadBlock): readonly PlacedTag[] {
    const known = this.#placed.get(block);
    if (known) return known;
    const placed = entriesOf(block).map((entry) => this.#place(entry, block));
    this.#placed.set(block, placed);
    return placed;
  }

  #place({ index, tag }: TagEntry, block: ReadBlock): PlacedTag {
    const codec = this.#codecs[index];
    invariant(codec !== undefined, `no codec for tag ${tag.name}`);
    return { tag: index, codec, offset: tag.at.address - block.address };
  }
}
