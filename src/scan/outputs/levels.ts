import type { Outcome } from "../../device/outcome.ts";
import type { Device } from "../../device/profile.ts";
import type { Value } from "../../device/quality.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { Instant } from "../../kit/time.ts";
import {
  afterCommand,
  afterCorrection,
  afterReading,
  afterReturn,
  type Correction,
  correctionDue,
  FREE_LEVEL,
  type Level,
} from "./level.ts";
import type { InputImage } from "../image/process-image.ts";

/** A level that has to be written again. */
export interface DueCorrection {
  readonly entry: TagEntry;
  readonly value: Value;
  readonly why: Correction;
  /** The first since it held; what follows is more of the same. */
  readonly first: boolean;
}

/** What the levels need to know of their devices. */
export interface LevelView {
  readonly mayWrite: (entry: TagEntry) => boolean;
  /** When the connection to the device was last back after it was lost, or the device left a request unanswered. */
  readonly brokenAt: (device: Device) => Instant | undefined;
  /** Whether the device has not started anew until after this, as far as it can tell. */
  readonly vouches: (device: Device, since: Instant) => boolean;
  /** The wanted value did not hold after a break: it is left to the profile. */
  readonly lost: (entry: TagEntry, wanted: Value) => void;
}

/** The wanted values of all outputs that are levels. */
export class Levels {
  readonly entries: readonly TagEntry[];
  readonly #levels = new Map<TagEntry, Level>();
  /** Since when a level is seen to disagree of which it is not yet known that its device did not start anew. */
  readonly #doubts = new Map<TagEntry, Instant>();

  constructor(entries: readonly TagEntry[]) {
    this.entries = entries.filter((entry) => entry.tag.write?.kind === "level");
  }

  /** What the level holds by its last write, where that is newer than `readAt`; undefined: what was read is newer. */
  writtenAfter(entry: TagEntry, readAt: Instant): Value | undefined {
    const { wanted, settledAt } = this.#of(entry);
    return settledAt !== undefined && settledAt >= readAt ? wanted : undefined;
  }

  wanted(entry: TagEntry): Value | undefined {
    return this.#of(entry).wanted;
  }

  /** Wanted from now on, and not known to hold. */
  want(entry: TagEntry, value: Value): void {
    this.#put(entry, { ...FREE_LEVEL, wanted: value });
  }

  commanded(entry: TagEntry, value: Value, outcome: Outcome, at: Instant): void {
    if (entry.tag.write?.kind === "level") this.#put(entry, afterCommand(this.#of(entry), value, outcome, at));
  }

  corrected(entry: TagEntry, outcome: Outcome, at: Instant, disagreeing: boolean): void {
    this.#put(entry, afterCorrection(this.#of(entry), outcome, at, disagreeing));
  }

  /** The device was away: what becomes of each of its levels is what its profile says. */
  returned(device: Device, at: Instant): void {
    for (const entry of this.entries) if (entry.device === device) this.reviewAfterReturn(entry, at);
  }

  reviewAfterReturn(entry: TagEntry, at: Instant): void {
    const rule = entry.tag.write;
    if (rule?.kind === "level") this.#put(entry, afterReturn(this.#of(entry), rule, at));
  }

  /** The levels that are to be written now, of those that `view` lets be written. */
  due(image: InputImage, now: Instant, view: LevelView): readonly DueCorrection[] {
    const due: DueCorrection[] = [];
    for (const [entry, before] of this.#levels) {
      const rule = entry.tag.write;
      if (!rule || !view.mayWrite(entry)) continue;
      const sample = image.sample(entry.index);
      const turn = { now, brokenAt: view.brokenAt(entry.device) };
      const level = afterReading(before, sample, rule, turn);
      if (level !== before) this.#put(entry, level);
      const { wanted, corrections } = level;
      const lost = before.settledAt !== undefined && level.settledAt === undefined;
      if (lost && before.wanted !== undefined) view.lost(entry, before.wanted);
      if (wanted === undefined) continue;
      const why = correctionDue(level, sample, rule, turn);
      if (!this.#isSure(entry, why, sample.sourceTime ?? now, view)) continue;
      if (why !== undefined) due.push({ entry, value: wanted, why, first: corrections === 0 });
    }
    return due;
  }

  /** A slave that has started anew shows it in its outputs, maybe before its boot id is read. */
  #isSure(entry: TagEntry, why: Correction | undefined, seenAt: Instant, { vouches }: LevelView): boolean {
    const since = this.#doubts.get(entry) ?? seenAt;
    const sure = why !== "disagrees" || vouches(entry.device, since);
    if (sure) this.#doubts.delete(entry);
    else this.#doubts.set(entry, since);
    return sure;
  }

  #of(entry: TagEntry): Level {
    return this.#levels.get(entry) ?? FREE_LEVEL;
  }

  #put(entry: TagEntry, level: Level): void {
    if (level.wanted === undefined) this.#levels.delete(entry);
    else this.#levels.set(entry, level);
  }
}
