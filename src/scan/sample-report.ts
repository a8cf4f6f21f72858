import { entriesOf } from "../plan/read-block.ts";
import type { ReadArrival } from "./lines/arrivals.ts";
import type { BlockPart } from "./lines/block-slot.ts";
import type { DeviceRuns } from "./devices/device-runs.ts";
import type { ProcessImage } from "./image/process-image.ts";
import type { ScanSink } from "./scan-sink.ts";

/** Tells the sink, latch by latch, which samples changed and which blocks were read again. */
export class SampleReport {
  readonly #image: ProcessImage;
  readonly #runs: DeviceRuns;
  readonly #sink: ScanSink;
  readonly #numbers = new Map<BlockPart, number>();
  #changed = true;

  constructor(image: ProcessImage, runs: DeviceRuns, sink: ScanSink) {
    this.#image = image;
    this.#runs = runs;
    this.#sink = sink;
  }

  /** The blocks have to be told again before the next samples. */
  blocksChanged(): void {
    this.#changed = true;
  }

  send(cycle: number, reads: readonly ReadArrival[]): void {
    if (this.#changed) this.#sendBlocks();
    const samples = this.#image.takeChanged().map((tag) => ({ tag, ...this.#image.sample(tag) }));
    const renewed = reads.flatMap(({ part, at }) => {
      const block = this.#numbers.get(part);
      return block === undefined ? [] : [{ block, sourceTime: at }];
    });
    if (samples.length + renewed.length > 0) this.#sink.samples({ kind: "samples", cycle, samples, renewed });
  }

  #sendBlocks(): void {
    this.#changed = false;
    this.#numbers.clear();
    const parts = [...this.#runs].flatMap((run) => run.slots.flatMap((slot) => slot.parts));
    parts.forEach((part, number) => this.#numbers.set(part, number));
    this.#sink.blocks(parts.map((part) => entriesOf(part.block).map((entry) => entry.index)));
  }
}
