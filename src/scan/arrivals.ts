import type { Exchange } from "../bus/line.ts";
import type { Reading, TagCodec } from "../device/tag-codec.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Instant } from "../kit/time.ts";
import type { Answer } from "../modbus/request.ts";
import { entriesOf, type ReadBlock } from "../plan/read-block.ts";
import type { BlockPart } from "./block-slot.ts";
import type { ProcessImage } from "./process-image.ts";

/** A part that was answered, with what its registers say. */
export interface ReadArrival {
  readonly part: BlockPart;
  readonly readings: readonly (readonly [tag: number, reading: Reading])[];
  /** When the request's last byte left. */
  readonly at: Instant;
}

/** What came in since the last latch; decoded as it comes, while the thread is free, and applied in one go. */
export class Arrivals {
  readonly #codecs: readonly TagCodec[];
  #reads: ReadArrival[] = [];
  #refused: TagEntry[] = [];

  constructor(codecs: readonly TagCodec[]) {
    this.#codecs = codecs;
  }

  read(part: BlockPart, exchange: Exchange): void {
    this.#reads.push({ part, readings: readings(part.block, exchange.answer, this.#codecs), at: exchange.sentAt });
  }

  refused(entries: readonly TagEntry[]): void {
    this.#refused.push(...entries);
  }

  /** Moves everything into the image; gives the parts that were read. */
  apply(image: ProcessImage): readonly ReadArrival[] {
    const reads = this.#reads;
    for (const { readings, at } of reads) {
      for (const [tag, { value, reason }] of readings) image.read(tag, value, reason, at);
    }
    for (const entry of this.#refused) image.lose(entry.index, "refused");
    this.#reads = [];
    this.#refused = [];
    return reads;
  }
}

function readings(block: ReadBlock, answer: Answer, codecs: readonly TagCodec[]): ReadArrival["readings"] {
  return entriesOf(block).flatMap((entry) => {
    const codec = codecs[entry.index];
    const offset = entry.tag.at.address - block.address;
    if (codec?.kind === "bits" && answer.kind === "bits")
      return [[entry.index, codec.decode(answer.bits, offset)] as const];
    if (codec?.kind === "registers" && answer.kind === "registers") {
      return [[entry.index, codec.decode(answer.registers, offset)] as const];
    }
    return [];
  });
}
