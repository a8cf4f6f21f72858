import type { Exchange, Lane, Line, LineFailure } from "../../bus/line/line.ts";
import { type DeviceHealth, type HealthPolicy, nextHealth, ONLINE } from "../../device/health.ts";
import type { Device } from "../../device/profile.ts";
import type { Clock } from "../../kit/clock.ts";
import { invariant } from "../../kit/invariant.ts";
import type { Result } from "../../kit/result.ts";
import { between, type Instant, ms, type Ms, plus } from "../../kit/time.ts";
import { type Failure, failurePolicy } from "../../modbus/failure.ts";
import { readRequest } from "../../plan/read-block.ts";
import type { BlockPart } from "./block-slot.ts";
import { type Heard, heardOf } from "./line-diagnosis.ts";

/** A unit that left a request unanswered is left alone for so many of its response timeouts. */
const QUARANTINE = 2;

export interface UnitReaderOptions {
  readonly line: Line;
  readonly unit: number;
  /** Reads of this unit in flight. */
  readonly window: number;
  readonly clock: Clock;
  readonly policy: HealthPolicy;
  /** Takes responsibility for a promise. */
  readonly own: (promise: Promise<unknown>) => void;
  /** A part was answered. */
  readonly onAnswer: (part: BlockPart, exchange: Exchange) => void;
  /** What came of a request, as far as it says something about the wire. */
  readonly onHeard: (heard: Heard) => void;
  /** The device refuses part of what was asked: gives the parts to ask instead. */
  readonly onRefused: (part: BlockPart, failure: Failure) => readonly BlockPart[];
}

/** What a reader needs of its line: who may ask when, and where to tell what the line is like. */
export interface ReadingTurns {
  /** Nobody takes turns now. */
  readonly suspect: boolean;
  /** When a unit last left a request unanswered. */
  readonly silentAt: Instant | undefined;
  /** The reader has something to ask; `sendNext` says when. */
  offer(reader: UnitReader): void;
  /** A request of the reader is over. */
  settled(reader: UnitReader): void;
  answered(at: Instant): void;
  /** A part was read, in so much time. */
  took(part: BlockPart, exchange: Exchange): void;
  timedOut(unit: number, at: Instant, after: Ms): void;
}

/** So many answers "busy" in a row are its state. */
const MANY_BUSY = 3;

/** Counted since the statistics were last taken. */
export interface ReadCounts {
  readonly done: number;
  readonly missed: number;
}

interface Sending {
  readonly lane: Lane;
  /** Not sent after this. */
  readonly sendBy?: Instant | undefined;
  readonly ended?: () => void;
}

/**
 * Reads the due blocks of one unit, a few at a time, and keeps its health. After a timeout the rest of the turn is
 * skipped, so that a dead unit costs its neighbours one wait and not one for each of its blocks; until it answers again it
 * takes no turns and is asked when its line's probes come to it.
 */
export class UnitReader {
  readonly line: Line;
  readonly unit: number;
  readonly #options: UnitReaderOptions;
  #health: DeviceHealth = ONLINE;
  #turn: BlockPart[] = [];
  #extras: BlockPart[] = [];
  #inFlight = 0;
  #turns: ReadingTurns | undefined;
  #quietUntil: Instant | undefined;
  #silentAt: Instant | undefined;
  #busy = 0;
  #answeredAt: Instant | undefined;
  #lastFailure: Failure | undefined;
  #doubtful = false;
  #failures = 0;
  #done = 0;
  #missed = 0;

  constructor(options: UnitReaderOptions) {
    this.#options = options;
    this.line = options.line;
    this.unit = options.unit;
  }

  get health(): DeviceHealth {
    return this.#health;
  }

  get answeredAt(): Instant | undefined {
    return this.#answeredAt;
  }

  get lastFailure(): Failure | undefined {
    return this.#lastFailure;
  }

  /** It says nothing but "busy". */
  get busy(): boolean {
    return this.#busy >= MANY_BUSY;
  }

  /** When it last left a request unanswered. */
  get silentAt(): Instant | undefined {
    return this.#silentAt;
  }

  /** Belongs to the line's turns from now on. */
  join(turns: ReadingTurns): void {
    this.#turns = turns;
  }

  /** From when on it may be asked whether it is there; undefined: it takes its turns. */
  get probeDue(): Instant | undefined {
    return this.#health.state === "offline" ? this.#health.probeAt : this.#quietUntil;
  }

  /** Counts what went wrong: as long as it stands, nothing speaks against the unit. */
  get failures(): number {
    return this.#failures;
  }

  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /** Where what it asks next belongs; undefined: nothing may be asked now. */
  get lane(): "read" | "slack" | undefined {
    if (this.#inFlight >= this.#options.window) return undefined;
    if (this.#turn.length > 0) return "read";
    return this.#extras.length > 0 ? "slack" : undefined;
  }

  /** Asks for a part at its turn; one that is still pending from its last turn is missed instead. */
  due(part: BlockPart): void {
    // What waits for room beside the turns need not wait any longer.
    const pending = part.pending && !this.#extras.includes(part);
    if (pending || this.#rests()) {
      this.#missed++;
      return;
    }
    if (part.pending) this.#extras = this.#extras.filter((extra) => extra !== part);
    part.pending = true;
    this.#turn.push(part);
    this.#line().offer(this);
  }

  /** What is waiting for a frame that is over waits for its next turn; gives what that is. */
  overrun(at: Instant): readonly BlockPart[] {
    const late = this.#turn;
    for (const part of late) part.leftAt ??= at;
    this.#missed += late.length;
    this.#turn = withdraw(late, () => true);
    return late;
  }

  /**
   * Whether it goes before others in its frame: it was left unread by frames that had too much in them. Where units fell
   * silent meanwhile that says nothing.
   */
  goesFirst({ leftAt }: BlockPart): boolean {
    const { silentAt } = this.#line();
    return leftAt !== undefined && (silentAt === undefined || leftAt > silentAt);
  }

  /** What it would ask for next besides its turns. */
  get nextExtra(): BlockPart | undefined {
    return this.#extras[0];
  }

  /** Asks for a part out of turn, after those that have one; false when it may not be asked now. */
  extra(part: BlockPart): boolean {
    if (part.pending || this.#rests()) return false;
    part.pending = true;
    this.#extras.push(part);
    this.#line().offer(this);
    return true;
  }

  /** Sends what comes next, by `sendBy` where that has no turn; false when nothing may be asked now. */
  sendNext(sendBy?: Instant): boolean {
    const { lane } = this;
    const part = lane && (lane === "read" ? this.#turn : this.#extras).shift();
    if (part) this.#send(part, lane === "read" ? { lane } : { lane, sendBy });
    return part !== undefined;
  }

  /** Asks a unit that does not answer for one part. */
  probe(part: BlockPart, how: { readonly sendBy: Instant | undefined; readonly ended: () => void }): void {
    part.pending = true;
    this.#send(part, { lane: "slack", ...how });
  }

  /** Brings the next probe of an offline unit forward: what it shares with another unit may have come back. */
  expectReturn(): void {
    if (this.#health.state === "offline") this.#health = { ...this.#health, probeAt: this.#options.clock.now() };
  }

  /** Takes back what waits for this device. */
  forget(device: Device): void {
    this.#turn = withdraw(this.#turn, (part) => part.block.device === device);
    this.#extras = withdraw(this.#extras, (part) => part.block.device === device);
  }

  takeCounts(): ReadCounts {
    const counts = { done: this.#done, missed: this.#missed };
    this.#done = 0;
    this.#missed = 0;
    return counts;
  }

  #send(part: BlockPart, { lane, sendBy, ended }: Sending): void {
    const { line, unit, own, clock } = this.#options;
    const { responseTimeout } = part.block.device.timing;
    part.leftAt = undefined;
    const askedAt = clock.now();
    this.#inFlight++;
    const until = sendBy === undefined ? {} : { sendBy };
    const transaction = { unit, request: readRequest(part.block), responseTimeout, lane, ...until };
    const asked = line.send(transaction).then((settled) => {
      this.#inFlight--;
      part.pending = false;
      ended?.();
      this.#settle(part, settled, askedAt);
      this.#line().settled(this);
    });
    own(asked);
  }

  #settle(part: BlockPart, settled: Result<Exchange, LineFailure>, askedAt: Instant): void {
    if (settled.ok) {
      this.#answered(settled.value.answeredAt);
      this.#line().took(part, settled.value);
      this.#done++;
      this.#options.onAnswer(part, settled.value);
    } else this.#failed(part, settled.failure.failure, askedAt);
  }

  #answered(at: Instant): void {
    this.#answeredAt = at;
    this.#options.onHeard("intact");
    this.#line().answered(at);
    this.#doubtful = false;
    this.#busy = 0;
    this.#quietUntil = undefined;
    this.#health = nextHealth(this.#health, { kind: "answered" }, this.#options.policy);
  }

  #failed(part: BlockPart, failure: Failure, askedAt: Instant): void {
    if (failure.kind === "notSent" && failure.reason === "too late") return this.#hold(part);
    this.#missed++;
    this.#failures++;
    this.#lastFailure = failure;
    this.#busy = failure.kind === "exception" && failure.code === 6 ? this.#busy + 1 : 0;
    if (failure.kind === "exception" && failure.code <= 3) return this.#refused(part, failure);
    const now = this.#options.clock.now();
    const heard = heardOf(failure);
    if (heard) this.#options.onHeard(heard);
    // Whatever keeps a probe from being answered, the next one comes later.
    if (this.#hurts(failure) || this.#health.state === "offline") {
      this.#health = nextHealth(this.#health, { kind: "missed", at: now }, this.#options.policy);
    }
    if (failure.kind === "notSent" || failure.kind === "lineLost") return this.skipTurn();
    if (!isSilence(failure)) return this.#spoke(now);
    this.#silentAt = now;
    this.#quietUntil = plus(now, quarantine(part, failure));
    this.skipTurn();
    this.#line().timedOut(this.unit, now, failure.kind === "timeout" ? failure.after : between(askedAt, now));
  }

  /** It answered, though not as it should: it is there, and so is its line. */
  #spoke(at: Instant): void {
    this.#quietUntil = undefined;
    this.#line().answered(at);
  }

  /** A write went first, and then it had no room any more: it waits for more. */
  #hold(part: BlockPart): void {
    if (this.#rests() || this.#health.state === "offline") return;
    part.pending = true;
    this.#extras.unshift(part);
  }

  /** The unit is well, only this address is not. */
  #refused(part: BlockPart, failure: Failure): void {
    this.#answered(this.#options.clock.now());
    for (const smaller of this.#options.onRefused(part, failure)) this.due(smaller);
  }

  #hurts(failure: Failure): boolean {
    const { hurtsHealth } = failurePolicy(failure);
    const repeated = this.#doubtful;
    this.#doubtful = hurtsHealth === "whenRepeated";
    return hurtsHealth === "yes" || (hurtsHealth === "whenRepeated" && repeated);
  }

  /** Drops what waits for this turn. */
  skipTurn(): void {
    this.#missed += this.#turn.length;
    this.#turn = withdraw(this.#turn, () => true);
    this.#extras = withdraw(this.#extras, () => true);
  }

  #rests(): boolean {
    return this.#quietUntil !== undefined || this.#line().suspect;
  }

  #line(): ReadingTurns {
    invariant(this.#turns !== undefined, "a reader has its line's turns before it reads");
    return this.#turns;
  }
}

function withdraw(parts: readonly BlockPart[], unwanted: (part: BlockPart) => boolean): BlockPart[] {
  return parts.filter((part) => {
    if (!unwanted(part)) return true;
    part.pending = false;
    return false;
  });
}

/** Whether the unit said nothing; a gateway waited for it in our place and answers with 0B. */
function isSilence(failure: Failure): boolean {
  return failure.kind === "timeout" || (failure.kind === "exception" && failure.code === 11);
}

/** Behind a gateway that has given up nothing comes late. */
function quarantine(part: BlockPart, failure: Failure): Ms {
  return ms(failure.kind === "timeout" ? QUARANTINE * part.block.device.timing.responseTimeout : 0);
}
