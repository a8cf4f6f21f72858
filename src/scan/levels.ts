import type { Outcome } from "../device/outcome.ts";
import type { Device } from "../device/profile.ts";
import type { Value } from "../device/quality.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Instant } from "../kit/time.ts";
import {
  afterCommand,
  afterCorrection,
  afterReturn,
  type Correction,
  correctionDue,
  FREE_LEVEL,
  type Level,
} from "./level.ts";
import type { InputImage } from "./process-image.ts";

/** A level that has to be written again. */
export interface DueCorrection {
  readonly entry: TagEntry;
  readonly value: Value;
  readonly why: Correction;
  /** The first since it held; what follows is more of the same. */
  readonly first: boolean;
}

/** The wanted values of all outputs that are levels. */
export class Levels {
  readonly entries: readonly TagEntry[];
  readonly #levels = new Map<TagEntry, Level>();

  constructor(entries: readonly TagEntry[]) {
    this.entries = entries.filter((entry) => entry.tag.write?.kind === "level");
  }

  commanded(entry: TagEntry, value: Value, outcome: Outcome, at: Instant): void {
    if (entry.tag.write?.kind === "level") this.#put(entry, afterCommand(this.#of(entry), value, outcome, at));
  }

  corrected(entry: TagEntry, outcome: Outcome, at: Instant): void {
    this.#put(entry, afterCorrection(this.#of(entry), outcome, at));
  }

  /** The device was away: what becomes of each of its levels is what its profile says. */
  returned(device: Device, at: Instant): void {
    for (const entry of this.entries) if (entry.device === device) this.reviewAfterReturn(entry, at);
  }

  reviewAfterReturn(entry: TagEntry, at: Instant): void {
    const rule = entry.tag.write;
    if (rule?.kind === "level") this.#put(entry, afterReturn(this.#of(entry), rule, at));
  }

  /** The levels that are to be written now, of those that `mayWrite`. */
  due(image: InputImage, now: Instant, mayWrite: (entry: TagEntry) => boolean): readonly DueCorrection[] {
    const due: DueCorrection[] = [];
    for (const [entry, level] of this.#levels) {
      const { wanted, corrections } = level;
      const rule = entry.tag.write;
      if (wanted === undefined || !rule || !mayWrite(entry)) continue;
      const why = correctionDue(level, image.sample(entry.index), rule, now);
      if (why !== undefined) due.push({ entry, value: wanted, why, first: corrections === 0 });
    }
    return due;
  }

  #of(entry: TagEntry): Level {
    return this.#levels.get(entry) ?? FREE_LEVEL;
  }

  #put(entry: TagEntry, level: Level): void {
    if (level.wanted === undefined) this.#levels.delete(entry);
    else this.#levels.set(entry, level);
  }
}
