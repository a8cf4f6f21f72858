import type { Ms } from "../kit/time.ts";
import type { ReadBlock } from "./read-block.ts";
import type { Cost } from "./transaction-cost.ts";

/** A read block with its turns: it is due in the cycles k with k mod `every` in `phases`, all of them starts of frames. */
export interface ScheduledBlock {
  readonly block: ReadBlock;
  /** Of its class, in scan cycles. */
  readonly period: number;
  /** In scan cycles: the period, or where that is no multiple of the frame, a multiple of both. */
  readonly every: number;
  readonly phases: readonly number[];
  /** Transactions its unit takes at the same time on this line. */
  readonly window: number;
  readonly cost: Cost;
  /** What it costs when nobody answers. */
  readonly silence: Ms;
}

/** What writes may take of a line: so much in each frame, that is how the proof reckons. */
export interface WriteBudget {
  /** In every frame; 0 where nothing of the line can be written. */
  readonly window: Ms;
  /** The dearest single write, with what is fetched and read back for it. */
  readonly longest: Ms;
  /** The longest transaction that may be under way when a write comes; probes of units that are away apart. */
  readonly behind: Ms;
}

/** How units that are away are asked whether they are back. */
export interface Probes {
  /** What an unanswered probe takes at worst. */
  readonly cost: Ms;
  /**
   * The frames with room for one beside everything else: those n with n mod `every` = `frame`. Undefined where no frame has
   * any: then a probe comes when probing has taken no more than its share of the line's time.
   */
  readonly slots: { readonly every: number; readonly frame: number } | undefined;
}

/** The table of one line: frame n begins in scan cycle n * `frame`, and its blocks are read from then on. */
export interface LinePlan {
  readonly line: string;
  /** Length of a frame, in scan cycles. */
  readonly frame: number;
  /** After so many frames the table begins anew, as far as the proof tells frames apart. */
  readonly frames: number;
  /** Transactions in flight at the same time. */
  readonly window: number;
  /** In table order: the most often read first, then by device and address. */
  readonly cyclic: readonly ScheduledBlock[];
  readonly writes: WriteBudget;
  /** Undefined where nothing is read. */
  readonly probes: Probes | undefined;
  /** Read once after every return of their device. */
  readonly once: readonly ReadBlock[];
  /** Read when somebody asks. */
  readonly onDemand: readonly ReadBlock[];
}
