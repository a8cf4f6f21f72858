import type { TagEntry } from "../../device/tag-table.ts";
import { doubling } from "../../kit/backoff.ts";
import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";
import { bisect, entriesOf, type ReadBlock } from "../../plan/read-block.ts";

/** What a device refused is asked for again after this, then after twice as long, up to {@link LONGEST_RETRY}. */
const FIRST_RETRY = ms(15_000);
const LONGEST_RETRY = ms(600_000);

/** One part of a slot: the whole block, or what bisection left of it. */
export interface BlockPart {
  readonly slot: BlockSlot;
  readonly block: ReadBlock;
  /** Waiting or under way: it is not asked for a second time. */
  pending: boolean;
  /** When a frame ended that had left it unread; undefined: it was asked for since. */
  leftAt: Instant | undefined;
}

/**
 * A planned block with its turn. When the device refuses it, it falls apart into smaller blocks until the refused tags
 * stand alone; those are left out, the rest keeps its turn, and after a while the whole is tried again: a refusal that
 * has passed leaves no parts behind, each of which would cost a request for ever.
 */
export class BlockSlot {
  readonly planned: ReadBlock;
  /** Asks for the whole block when no part of it is left; what comes of it says only that the unit is there. */
  readonly #presence: BlockPart;
  readonly #refused = new Set<TagEntry>();
  #parts: readonly BlockPart[];
  #retryAt: Instant | undefined;
  #retries = 0;

  constructor(planned: ReadBlock) {
    this.planned = planned;
    this.#parts = [this.#part(planned)];
    this.#presence = this.#part(planned);
  }

  get parts(): readonly BlockPart[] {
    return this.#parts;
  }

  /** Tags the device refused when it was last asked for them. */
  get refused(): ReadonlySet<TagEntry> {
    return this.#refused;
  }

  /** What to ask for to see whether the unit is there. */
  get presence(): BlockPart {
    return this.#parts[0] ?? this.#presence;
  }

  /** Asked for in parts: the device refused the whole. */
  get #split(): boolean {
    return this.#parts[0]?.block !== this.planned;
  }

  /** Nothing of it was refused since the whole was last answered. */
  get sound(): boolean {
    return !this.#split && this.#retries === 0;
  }

  /** The device answered this part; false when it is none of this slot any more. */
  answered(part: BlockPart): boolean {
    if (!this.#parts.includes(part)) return false;
    if (this.#refused.size > 0) for (const entry of entriesOf(part.block)) this.#refused.delete(entry);
    if (!this.#split) this.#retries = 0;
    return true;
  }

  /**
   * The device refused this part: gives the smaller parts to try at once, none where the refused tag is found;
   * undefined when it is none of this slot any more.
   */
  refuse(part: BlockPart, at: Instant): readonly BlockPart[] | undefined {
    if (!this.#parts.includes(part)) return undefined;
    const halves = bisect(part.block)?.map((block) => this.#part(block)) ?? [];
    this.#parts = this.#parts.flatMap((other) => (other === part ? halves : [other]));
    if (halves.length === 0) for (const entry of entriesOf(part.block)) this.#refused.add(entry);
    this.#retryAt ??= plus(at, retryPause(this.#retries));
    return halves;
  }

  /** Asks for the whole block again when its refusal is old; what was refused counts so until it is answered. */
  retry(now: Instant): boolean {
    if (this.#retryAt === undefined || now < this.#retryAt) return false;
    this.#retryAt = undefined;
    this.#retries++;
    this.#parts = [this.#part(this.planned)];
    return true;
  }

  /** Leaves out what was refused before the master was started again; the older that is, the later it is tried. */
  recall(refused: ReadonlySet<TagEntry>, now: Instant, stood: Ms): void {
    this.#parts = this.#parts.flatMap((part) => this.#without(part, refused));
    if (this.#refused.size === 0) return;
    this.#retries = Math.max(0, Math.floor(Math.log2(stood / FIRST_RETRY)));
    this.#retryAt = plus(now, retryPause(this.#retries));
  }

  #without(part: BlockPart, refused: ReadonlySet<TagEntry>): readonly BlockPart[] {
    const entries = entriesOf(part.block);
    if (!entries.some((entry) => refused.has(entry))) return [part];
    const halves = bisect(part.block);
    if (halves) return halves.flatMap((block) => this.#without(this.#part(block), refused));
    for (const entry of entries) this.#refused.add(entry);
    return [];
  }

  /** Forgets what was refused: the device was away, and may be another one now. */
  reset(): void {
    this.#refused.clear();
    this.#retryAt = undefined;
    this.#retries = 0;
    if (this.#split) this.#parts = [this.#part(this.planned)];
  }

  #part(block: ReadBlock): BlockPart {
    return { slot: this, block, pending: false, leftAt: undefined };
  }
}

/** A booting device refuses what it will answer a minute later; a hole stays one. */
function retryPause(retries: number): Ms {
  return doubling(retries + 1, { first: FIRST_RETRY, most: LONGEST_RETRY });
}
