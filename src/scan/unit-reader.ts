import type { Exchange, Line, LineFailure } from "../bus/line.ts";
import { type DeviceHealth, type HealthPolicy, nextHealth } from "../device/health.ts";
import type { Clock } from "../kit/clock.ts";
import type { Result } from "../kit/result.ts";
import type { Instant, Ms } from "../kit/time.ts";
import { type Failure, failurePolicy } from "../modbus/failure.ts";
import { readRequest } from "../plan/read-block.ts";
import type { BlockPart } from "./block-slot.ts";

export interface UnitReaderOptions {
  readonly line: Line;
  readonly unit: number;
  /** Reads of this unit in flight. */
  readonly window: number;
  readonly responseTimeout: Ms;
  readonly clock: Clock;
  readonly policy: HealthPolicy;
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
  #queue: BlockPart[] = [];
  #inFlight = 0;
  #probing = false;
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
    if (part.pending) {
      this.#missed++;
      return;
    }
    part.pending = true;
    this.#queue.push(part);
    this.#pump();
  }

  /** Asks an offline unit for one block when its next probe is due. */
  probe(part: BlockPart): void {
    const { clock, line } = this.#options;
    if (this.#health.state !== "offline" || this.#probing || clock.now() < this.#health.probeAt) return;
    if (line.state.state !== "up") return;
    this.#probing = true;
    part.pending = true;
    this.#send(part, "slack");
  }

  takeCounts(): ReadCounts {
    const counts = { done: this.#done, missed: this.#missed };
    this.#done = 0;
    this.#missed = 0;
    return counts;
  }

  #pump(): void {
    while (this.#inFlight < this.#options.window) {
      const part = this.#queue.shift();
      if (!part) return;
      this.#send(part, "read");
    }
  }

  #send(part: BlockPart, lane: "read" | "slack"): void {
    const { line, unit, responseTimeout } = this.#options;
    this.#inFlight++;
    void line.send({ unit, request: readRequest(part.block), responseTimeout, lane }).then((settled) => {
      this.#inFlight--;
      part.pending = false;
      this.#probing = false;
      this.#settle(part, settled);
      this.#pump();
    });
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
    this.#health = nextHealth(this.#health, { kind: "answered" }, this.#options.policy);
  }

  #failed(part: BlockPart, failure: Failure): void {
    this.#missed++;
    this.#lastFailure = failure;
    if (failure.kind === "exception" && failure.code <= 3) return this.#refused(part, failure);
    if (this.#hurts(failure)) {
      const event = { kind: "missed", at: this.#options.clock.now() } as const;
      this.#health = nextHealth(this.#health, event, this.#options.policy);
    }
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

  #skipTurn(): void {
    this.#missed += this.#queue.length;
    for (const part of this.#queue) part.pending = false;
    this.#queue = [];
  }
}
