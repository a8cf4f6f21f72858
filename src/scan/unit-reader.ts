import type { Exchange, Lane, Line, LineFailure } from "../bus/line.ts";
import { type DeviceHealth, type HealthPolicy, nextHealth } from "../device/health.ts";
import type { Device } from "../device/profile.ts";
import type { Clock } from "../kit/clock.ts";
import type { Result } from "../kit/result.ts";
import { type Instant, ms, type Ms, plus } from "../kit/time.ts";
import { type Failure, failurePolicy } from "../modbus/failure.ts";
import { readRequest } from "../plan/read-block.ts";
import type { BlockPart } from "./block-slot.ts";

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
  /** The device refuses part of what was asked: gives the parts to ask instead. */
  readonly onRefused: (part: BlockPart, failure: Failure) => readonly BlockPart[];
}

/** Counted since the statistics were last taken. */
export interface ReadCounts {
  readonly done: number;
  readonly missed: number;
}

/**
 * Reads the due blocks of one unit, a few at a time, and keeps its health. After a timeout the rest of the turn is
 * skipped, so that a dead unit costs its neighbours one wait and not one for each of its blocks.
 */
export class UnitReader {
  readonly line: Line;
  readonly unit: number;
  readonly #options: UnitReaderOptions;
  #health: DeviceHealth = { state: "online", misses: 0 };
  #turn: BlockPart[] = [];
  #extras: BlockPart[] = [];
  #inFlight = 0;
  #probe: BlockPart | undefined;
  #quietUntil: Instant | undefined;
  #answeredAt: Instant | undefined;
  #lastFailure: Failure | undefined;
  #doubtful = false;
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

  /** Asks for a part at its turn; one that is still pending from its last turn is missed instead. */
  due(part: BlockPart): void {
    if (part.pending || this.#isQuiet()) {
      this.#missed++;
      return;
    }
    part.pending = true;
    this.#turn.push(part);
    this.#pump();
  }

  /** Asks for a part out of turn, after those that have one. */
  extra(part: BlockPart): void {
    if (part.pending || this.#isQuiet()) return;
    part.pending = true;
    this.#extras.push(part);
    this.#pump();
  }

  /** Asks an offline unit for one part when its next probe is due. */
  probe(part: BlockPart): void {
    const { clock, line } = this.#options;
    if (this.#health.state !== "offline" || this.#probe || clock.now() < this.#health.probeAt) return;
    if (line.state.state !== "up") return;
    this.#probe = part;
    part.pending = true;
    this.#send(part, "slack");
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

  #pump(): void {
    while (this.#inFlight < this.#options.window) {
      const inTurn = this.#turn.shift();
      const part = inTurn ?? this.#extras.shift();
      if (!part) return;
      this.#send(part, inTurn ? "read" : "slack");
    }
  }

  #send(part: BlockPart, lane: Lane): void {
    const { line, unit, own } = this.#options;
    const { responseTimeout } = part.block.device.timing;
    this.#inFlight++;
    const asked = line.send({ unit, request: readRequest(part.block), responseTimeout, lane }).then((settled) => {
      this.#inFlight--;
      part.pending = false;
      if (this.#probe === part) this.#probe = undefined;
      this.#settle(part, settled);
      this.#pump();
    });
    own(asked);
  }

  #settle(part: BlockPart, settled: Result<Exchange, LineFailure>): void {
    if (settled.ok) {
      this.#answered(settled.value.answeredAt);
      this.#done++;
      this.#options.onAnswer(part, settled.value);
    } else this.#failed(part, settled.failure.failure);
  }

  #answered(at: Instant): void {
    this.#answeredAt = at;
    this.#doubtful = false;
    this.#quietUntil = undefined;
    this.#health = nextHealth(this.#health, { kind: "answered" }, this.#options.policy);
  }

  #failed(part: BlockPart, failure: Failure): void {
    this.#missed++;
    this.#lastFailure = failure;
    if (failure.kind === "exception" && failure.code <= 3) return this.#refused(part, failure);
    const now = this.#options.clock.now();
    // Whatever keeps a probe from being answered, the next one comes later.
    if (this.#hurts(failure) || this.#health.state === "offline") {
      this.#health = nextHealth(this.#health, { kind: "missed", at: now }, this.#options.policy);
    }
    if (failure.kind === "timeout") this.#quietUntil = plus(now, quarantine(part));
    if (failure.kind === "timeout" || failure.kind === "notSent" || failure.kind === "lineLost") this.#skipTurn();
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

  #isQuiet(): boolean {
    return this.#quietUntil !== undefined && this.#options.clock.now() < this.#quietUntil;
  }

  #skipTurn(): void {
    this.#missed += this.#turn.length;
    this.#turn = withdraw(this.#turn, () => true);
    this.#extras = withdraw(this.#extras, () => true);
  }
}

function withdraw(parts: readonly BlockPart[], unwanted: (part: BlockPart) => boolean): BlockPart[] {
  return parts.filter((part) => {
    if (!unwanted(part)) return true;
    part.pending = false;
    return false;
  });
}

function quarantine(part: BlockPart): Ms {
  return ms(QUARANTINE * part.block.device.timing.responseTimeout);
}
