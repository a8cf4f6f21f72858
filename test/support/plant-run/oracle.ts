import type { Device } from "../../../src/device/profile.ts";
import type { TagEntry } from "../../../src/device/tag-table.ts";
import type { Value } from "../../../src/device/quality.ts";
import type { Instant, Ms } from "../../../src/kit/time.ts";
import type { InputImage } from "../../../src/scan/image/process-image.ts";
import type { SampleBatch } from "../../../src/scan/scan-sink.ts";
import type { HonestSlave } from "./honest-slave.ts";

export interface OracleOptions {
  readonly entries: readonly TagEntry[];
  /** By device. */
  readonly slaves: ReadonlyMap<string, HonestSlave>;
  /** How old each tag's good value may be, by index. */
  readonly maxAges: readonly Ms[];
  /** Whether a fault that no master can notice is, or just was, at work on this device. */
  readonly excused: (device: Device) => boolean;
}

/** What the oracle has seen so far. */
export interface Verdicts {
  /** Good values it compared with what the slave held. */
  judged: number;
  /** Good values that their slave did not hold, while a fault was at work that no master can notice. */
  excused: number;
  /** The others; there must be none. */
  readonly wrong: string[];
  /** When the first of these was seen. */
  wrongSince: Instant | undefined;
}

/**
 * Judges what the master says: a value called good was held by its slave at an instant between its source time and the
 * latch, and is no older than its tag promises; a bad one is not shown.
 */
export class Oracle {
  readonly verdicts: Verdicts = { judged: 0, excused: 0, wrong: [], wrongSince: undefined };
  readonly #options: OracleOptions;
  readonly #good = new Map<number, Value>();
  #blocks: readonly (readonly number[])[] = [];

  constructor(options: OracleOptions) {
    this.#options = options;
  }

  blocks(blocks: readonly (readonly number[])[]): void {
    this.#blocks = blocks;
  }

  /** What was published at a latch. */
  published({ samples, renewed }: SampleBatch, now: Instant): void {
    for (const { tag, value, quality, sourceTime } of samples) {
      if (quality === "good" && value !== null) this.#good.set(tag, value);
      else this.#good.delete(tag);
      if (quality === "good") this.#judge(tag, value, sourceTime, now);
      else if (quality === "bad" && value !== null) this.#accuse(tag, `bad, and shown as ${String(value)}`, now);
    }
    for (const { block, sourceTime } of renewed) {
      for (const tag of this.#blocks[block] ?? []) {
        const value = this.#good.get(tag);
        if (value !== undefined) this.#judge(tag, value, sourceTime, now);
      }
    }
  }

  /** What programs and commands see after a latch. */
  inspect(image: InputImage, now: Instant): void {
    for (const { index } of this.#options.entries) {
      const { quality, sourceTime } = image.sample(index);
      const age = now - (sourceTime ?? Number.NEGATIVE_INFINITY);
      if (quality === "good" && age > (this.#options.maxAges[index] ?? 0))
        this.#accuse(index, `good at ${age} ms`, now);
    }
  }

  #judge(tag: number, value: Value | null, sourceTime: Instant | undefined, now: Instant): void {
    const entry = this.#options.entries[tag];
    const slave = entry && this.#options.slaves.get(entry.device.name);
    this.verdicts.judged++;
    if (slave && sourceTime !== undefined && slave.showed(entry.tag, value, sourceTime, now)) return;
    this.#accuse(tag, `${String(value)} was not held since ${String(sourceTime)}`, now);
  }

  #accuse(tag: number, what: string, now: Instant): void {
    const entry = this.#options.entries[tag];
    if (entry && this.#options.excused(entry.device)) {
      this.verdicts.excused++;
      return;
    }
    this.verdicts.wrongSince ??= now;
    this.verdicts.wrong.push(`${entry?.device.name ?? ""}/${entry?.tag.name ?? ""} at ${now} ms: ${what}`);
  }
}
