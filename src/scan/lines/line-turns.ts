import type { Exchange, Line } from "../../bus/line/line.ts";
import type { Clock } from "../../kit/clock.ts";
import type { LogFields } from "../../kit/logger.ts";
import { ON_DEMAND, ONCE } from "../../device/tag.ts";
import { between, type Instant, instant, ms, type Ms, plus } from "../../kit/time.ts";
import type { Probes } from "../../plan/line-plan.ts";
import type { BlockPart } from "./block-slot.ts";
import { type Candidate, LineProbes } from "./line-probes.ts";
import { SlowWatch } from "./slow-watch.ts";
import type { ReadingTurns, UnitReader } from "./unit-reader.ts";

export interface LineTurnsOptions {
  readonly line: Line;
  /** Requests the line carries at once. */
  readonly window: number;
  readonly clock: Clock;
  readonly table: LineTable;
  /** What to ask a unit for to see whether it is there; undefined: it is not to be asked. */
  readonly presence: (reader: UnitReader) => BlockPart | undefined;
  /** Something changed that people should know. */
  readonly tell: (event: string, fields: LogFields) => void;
}

/** What the turns of a line follow: its frames, and when units that are away may be asked. */
export interface LineTable {
  /** Length of a frame. */
  readonly frame: Ms;
  /** In scan cycles. */
  readonly cycles: number;
  /** Undefined where no frame has room for a probe. */
  readonly slots: Probes["slots"];
  /** What a probe takes at worst that nobody answers. */
  readonly probe: Ms;
  /** What the read of a part takes of the line at worst. */
  readonly costOf: (part: BlockPart) => Ms;
  /** How long its answer takes at worst, from when the request has left. */
  readonly answerTime: (part: BlockPart) => Ms;
  /** When the writes that the line was given are done at the latest: they go first. */
  readonly writesDoneAt: () => Instant;
}

/** A frame that begins later after the one before it, by so much of its length, was held up by this machine. */
const MOST_LATE = 0.1;

/** What never has a turn and finds no room in any frame is asked for all the same after this. */
const LONGEST_WAIT = ms(2000);

/**
 * Lets the units of one line read in turn, no more at once than the line carries: what waits, waits here, where it can
 * be taken back when the line becomes suspect. Units that do not answer are probed besides.
 */
export class LineTurns implements ReadingTurns {
  readonly line: Line;
  readonly #options: LineTurnsOptions;
  readonly #readers: readonly UnitReader[];
  readonly #probes: LineProbes;
  readonly #slow: SlowWatch;
  readonly #waiting = { read: new Set<UnitReader>(), slack: new Set<UnitReader>() };
  #inFlight = 0;
  #frame = -1;
  #frameEnd: Instant = instant(0);
  /** A cycle begins: not all that has a turn in it is known yet. */
  #dealing = false;
  /** The frame that begins with this cycle has a slot for a probe. */
  #slot = false;
  #silentAt: Instant | undefined;
  /** Since when something without a turn finds no room. */
  #heldBack: Instant | undefined;

  constructor(readers: readonly UnitReader[], options: LineTurnsOptions) {
    this.#options = options;
    this.line = options.line;
    this.#readers = readers;
    this.#probes = new LineProbes(readers.map(({ unit }) => unit));
    const { line, table, clock, tell } = options;
    this.#slow = new SlowWatch({ line: line.name, frame: table.frame, now: clock.now(), tell });
    for (const reader of readers) reader.join(this);
  }

  /**
   * A cycle begins; where a frame begins with it, what the last one has left unread waits for its next turn. True when
   * there was any, or where a line of one request at a time still waits for an answer.
   */
  begin(cycle: number, now: Instant): boolean {
    const { table } = this.#options;
    const frame = Math.floor(cycle / table.cycles);
    this.#dealing = true;
    const punctual = Math.abs(between(this.#frameEnd, now)) <= MOST_LATE * table.frame;
    this.#frameEnd = plus(now, ms(table.frame * (frame + 1 - cycle / table.cycles)));
    this.#slot = false;
    if (frame === this.#frame) return false;
    this.#frame = frame;
    this.#slot = frame % (table.slots?.every ?? 1) === table.slots?.frame;
    const unread = this.#readers.flatMap((reader) => reader.overrun(now));
    this.#slow.frameOver(now, punctual ? unread.map(({ block }) => block.device.name) : "disturbed");
    return unread.length > 0 || (this.#options.window === 1 && this.#inFlight > 0);
  }

  /** No unit takes its turns until one answers a probe. */
  get suspect(): boolean {
    return this.#probes.suspect;
  }

  /** The reader has something to ask. */
  offer(reader: UnitReader): void {
    if (reader.lane) this.#waiting[reader.lane].add(reader);
    this.#pump();
  }

  /** A request of the reader, begun with `begin`, is settled. */
  settled(reader: UnitReader): void {
    this.#inFlight--;
    this.offer(reader);
  }

  answered(at: Instant): void {
    this.#probes.answered(at);
  }

  took(part: BlockPart, exchange: Exchange): void {
    this.#slow.answered({ device: part.block.device.name, ...exchange, planned: this.#options.table.answerTime(part) });
  }

  get silentAt(): Instant | undefined {
    return this.#silentAt;
  }

  timedOut(unit: number, at: Instant, after: Ms): void {
    this.#silentAt = at;
    this.#probes.timedOut(unit, at, after);
    if (this.#probes.suspect) for (const reader of this.#readers) reader.skipTurn();
  }

  /** Once per cycle, when all that has a turn was offered: asks a unit that does not answer whether it is back. */
  step(): void {
    this.#dealing = false;
    this.#pump();
    const { line, clock, window, presence, table } = this.#options;
    const { suspect } = this;
    if (line.state.state === "down" || (suspect && this.#inFlight > 0)) return;
    if (!suspect && this.#readers.every((reader) => reader.probeDue === undefined)) return;
    const now = clock.now();
    const candidates = this.#readers.flatMap((reader) => this.#candidate(reader, now));
    if (candidates.length === 0) return;
    const room = !this.#slot && this.#idle && this.#fits(table.probe, now);
    const slot = table.slots && (this.#slot || room);
    const unit = this.#probes.next(candidates, now, { window, served: this.#isServed(), slot });
    const reader = this.#readers.find((each) => each.unit === unit);
    const part = reader && presence(reader);
    if (!part) return;
    this.#inFlight++;
    const sendBy = room ? this.#latestFor(table.probe) : undefined;
    reader.probe(part, { sendBy, ended: () => this.#probes.ended(clock.now()) });
  }

  /** A unit is back since it went away at `since`: what it shares with others of its line may be back with it. */
  returned(since: Instant): void {
    const sinces = this.#readers.flatMap(({ unit, health }) =>
      health.state === "offline" ? [[unit, health.since] as const] : [],
    );
    this.#probes.returned(since, new Map(sinces));
    for (const reader of this.#readers) reader.expectReturn();
  }

  #candidate(reader: UnitReader, now: Instant): readonly Candidate[] {
    const due = reader.probeDue ?? (this.suspect ? now : undefined);
    if (due === undefined || due > now || !reader.idle) return NONE;
    if (this.#options.presence(reader)?.pending !== false) return NONE;
    return [{ unit: reader.unit, due, away: reader.health.state === "offline" }];
  }

  #isServed(): boolean {
    return this.#readers.some((reader) => reader.probeDue === undefined && this.#options.presence(reader));
  }

  #next(): Next | undefined {
    const reader = first(this.#waiting.read);
    return reader ? { reader, sendBy: undefined } : this.#nextInSlack();
  }

  /** What has no turn is asked for when it is answered before the frame ends. */
  #nextInSlack(): Next | undefined {
    if (this.#dealing) return undefined;
    const { clock, table } = this.#options;
    const now = clock.now();
    for (const reader of this.#waiting.slack) {
      const part = reader.nextExtra;
      const cost = part ? table.costOf(part) : ms(0);
      const fits = this.#fits(cost, now);
      if (part && !fits && !this.#mayOverrun(part, now)) continue;
      this.#heldBack = undefined;
      return { reader, sendBy: fits ? this.#latestFor(cost) : undefined };
    }
    return undefined;
  }

  /** From when on what takes so long would not be over when the frame is: a write that comes after it goes before it. */
  #latestFor(cost: Ms): Instant {
    return instant(this.#frameEnd - cost);
  }

  /** It is over before the frame is, even after the writes that are under way. */
  #fits(cost: Ms, now: Instant): boolean {
    return Math.max(now, this.#options.table.writesDoneAt()) < this.#latestFor(cost);
  }

  /** Nothing is read, and nothing waits for it. */
  get #idle(): boolean {
    return this.#inFlight === 0 && this.#waiting.read.size === 0;
  }

  /** What has turns of its own waits for the next of them at the latest: a frame that holds is not overrun for it. */
  #mayOverrun({ slot }: BlockPart, now: Instant): boolean {
    const { scanClass } = slot.planned;
    if (scanClass !== ONCE && scanClass !== ON_DEMAND) return false;
    this.#heldBack ??= now;
    return between(this.#heldBack, now) >= LONGEST_WAIT;
  }

  #pump(): void {
    const { read, slack } = this.#waiting;
    while (this.#inFlight < this.#options.window) {
      const next = this.#next();
      if (!next) return;
      const { reader, sendBy } = next;
      read.delete(reader);
      slack.delete(reader);
      if (!reader.sendNext(sendBy)) continue;
      this.#inFlight++;
      if (reader.lane) this.#waiting[reader.lane].add(reader);
    }
  }
}

/** Who asks next, and until when what has no turn may be sent. */
interface Next {
  readonly reader: UnitReader;
  readonly sendBy: Instant | undefined;
}

const NONE: readonly Candidate[] = [];

function first<T>(set: ReadonlySet<T>): T | undefined {
  for (const item of set) return item;
  return undefined;
}
