import type { ReportRule } from "../device/tag.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Instant } from "../kit/time.ts";
import type { PlantPicture } from "./plant-picture.ts";
import { judgeReport, type Reported } from "./report.ts";

/** Which tags of one device are to be told, by exception: what changed enough, and what waits for its minimum interval. */
export class TagReports {
  readonly #rules: ReadonlyMap<number, ReportRule>;
  readonly #heartbeats: readonly number[];
  readonly #picture: PlantPicture;
  readonly #reported = new Map<number, Reported>();
  readonly #deferred = new Set<number>();
  readonly #pending = new Set<number>();

  /** `ruleOf`: by which rule a tag is told. */
  constructor(
    tags: readonly TagEntry[],
    picture: PlantPicture,
    ruleOf: (entry: TagEntry) => ReportRule = ({ tag }) => tag.report,
  ) {
    this.#rules = new Map(tags.map((entry) => [entry.index, ruleOf(entry)]));
    this.#heartbeats = tags.filter((entry) => ruleOf(entry).maxInterval !== undefined).map(({ index }) => index);
    this.#picture = picture;
  }

  /** Takes note of a changed tag; the number of pending changes it overtook, 0 or 1. */
  changed(index: number, now: Instant): number {
    return this.#judge(index, now);
  }

  /** Looks after what time alone makes due: deferred changes and maximum intervals. */
  tick(now: Instant): void {
    for (const index of this.#deferred) this.#judge(index, now);
    for (const index of this.#heartbeats) this.#judge(index, now);
  }

  /** Whether anything was ever told of the tag. */
  knows(index: number): boolean {
    return this.#reported.has(index);
  }

  get due(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether the tag is to be told. */
  isPending(index: number): boolean {
    return this.#pending.has(index);
  }

  /** Tags to be told, in the order of the plant. */
  get pending(): readonly number[] {
    return [...this.#pending].sort((one, other) => one - other);
  }

  take(): readonly number[] {
    const tags = this.pending;
    this.#pending.clear();
    return tags;
  }

  /** Forgets what was to be told; how much that was. */
  drop(): number {
    const dropped = this.#pending.size;
    this.#pending.clear();
    return dropped;
  }

  /** All tags have just been told, as they now are. */
  toldAll(now: Instant): void {
    this.#pending.clear();
    this.#deferred.clear();
    for (const index of this.#rules.keys()) this.#reported.set(index, { sample: this.#picture.sample(index), at: now });
  }

  #judge(index: number, now: Instant): number {
    const rule = this.#rules.get(index);
    if (!rule) return 0;
    const sample = this.#picture.sample(index);
    const verdict = judgeReport(rule, this.#reported.get(index), sample, now);
    if (verdict === "later") this.#deferred.add(index);
    else this.#deferred.delete(index);
    if (verdict !== "now") return 0;
    this.#reported.set(index, { sample, at: now });
    const before = this.#pending.size;
    this.#pending.add(index);
    return this.#pending.size === before ? 1 : 0;
  }
}
