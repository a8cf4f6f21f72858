import { LineCounters } from "../../../src/bus/line/line-counters.ts";
import type { LineStatistics } from "../../../src/bus/line/line-statistics.ts";
import type { Exchange, Line, LineFailure, LineState, Overheard, Transaction } from "../../../src/bus/line/line.ts";
import { TransactionQueue } from "../../../src/bus/line/transaction-queue.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { err, ok, type Result } from "../../../src/kit/result.ts";
import { Signal } from "../../../src/kit/signal.ts";
import { type Instant, ms, type Ms } from "../../../src/kit/time.ts";
import type { Failure, NotSentReason } from "../../../src/modbus/failure.ts";
import { isWrite } from "../../../src/modbus/function-code.ts";
import type { Answer, Request } from "../../../src/modbus/request.ts";
import { type FakeAnswer, FakeUnit } from "../slaves/fake-unit.ts";

/** A request that reached its slave. */
export interface Received {
  readonly at: Instant;
  readonly unit: number;
  readonly request: Request;
}

interface Flight {
  readonly transaction: Transaction;
  readonly settle: (result: Result<Exchange, LineFailure>) => void;
  readonly reject: (error: unknown) => void;
  step: number;
  over: boolean;
}

/** A line in memory on a virtual clock: real lanes and windows, and slaves that misbehave when told to. */
export class FakeLine implements Line {
  readonly name: string;
  readonly overheard = new Signal<Overheard>();
  readonly changes = new Signal<LineState>();
  readonly received: Received[] = [];
  readonly #clock: Clock;
  readonly #queue: TransactionQueue<Flight>;
  readonly #units = new Map<number, FakeUnit>();
  readonly #flying = new Set<Flight>();
  #state: LineState = { state: "down", reason: "not opened", attempt: 0 };

  constructor(name: string, clock: Clock, windows: { readonly line: number; readonly unit: number }) {
    this.name = name;
    this.#clock = clock;
    const unitWindows = new Map(Array.from({ length: 256 }, (_, unit) => [unit, windows.unit]));
    this.#queue = new TransactionQueue({ window: windows.line, unitWindows, limit: 10_000 });
  }

  get state(): LineState {
    return this.#state;
  }

  /** The slave with this address; made where there is none. */
  unit(address: number): FakeUnit {
    const known = this.#units.get(address);
    if (known) return known;
    const unit = new FakeUnit(this.#clock);
    this.#units.set(address, unit);
    return unit;
  }

  /** Puts a slave of another kind at an address. */
  install(address: number, unit: FakeUnit): void {
    this.#units.set(address, unit);
  }

  /** Requests of this unit that may have changed something. */
  writes(unit?: number): readonly Received[] {
    return this.received.filter((each) => isWrite(each.request.fc) && (unit === undefined || each.unit === unit));
  }

  open(): void {
    this.#change({ state: "up", since: this.#clock.now() });
  }

  /** What is in flight is lost, what waits is not sent. */
  down(reason = "connection reset"): void {
    this.#change({ state: "down", reason, attempt: 1 });
    for (const flight of [...this.#flying]) this.#end(flight, err({ kind: "lineLost", reason }));
    for (const flight of this.#queue.drain()) refuse(flight, "line down");
  }

  close(): Promise<void> {
    this.down("closed");
    return Promise.resolve();
  }

  statistics(): LineStatistics {
    return new LineCounters(this.name, this.#clock.now()).statistics(this.#clock.now());
  }

  send(transaction: Transaction): Promise<Result<Exchange, LineFailure>> {
    return new Promise((settle, reject) => {
      const flight: Flight = { transaction, settle, reject, step: 0, over: false };
      if (this.#state.state === "down") return refuse(flight, "line down");
      this.#queue.add(flight);
      this.#pump();
      if (transaction.sendBy === undefined) return;
      this.#clock.after("send by", ms(transaction.sendBy - this.#clock.now()), () => this.#dropLate());
    });
  }

  #pump(): void {
    for (let flight = this.#queue.next(); flight; flight = this.#queue.next()) {
      const { sendBy, request } = flight.transaction;
      if (sendBy !== undefined && sendBy < this.#clock.now()) {
        this.#queue.release(flight.transaction);
        refuse(flight, "too late");
      } else {
        this.#flying.add(flight);
        this.#ask(flight, request);
      }
    }
  }

  #dropLate(): void {
    for (const flight of this.#queue.takeLate(this.#clock.now())) refuse(flight, "too late");
  }

  #ask(flight: Flight, request: Request): void {
    const { unit: address, responseTimeout } = flight.transaction;
    const unit = this.unit(address);
    const sentAt = this.#clock.now();
    const answer = unit.take(request);
    if (answer.heard) this.received.push({ at: sentAt, unit: address, request });
    const timedOut = answer.answer === "silence" || unit.latency >= responseTimeout;
    const wait: Ms = timedOut ? responseTimeout : unit.latency;
    this.#clock.after("answer", wait, () => {
      if (flight.over) return;
      if (timedOut) this.#end(flight, err({ kind: "timeout", after: responseTimeout }));
      else this.#heard(flight, answer, sentAt);
    });
  }

  #heard(flight: Flight, { answer }: FakeAnswer, sentAt: Instant): void {
    if (answer === "silence") return;
    if (!answer.ok) return this.#end(flight, answer);
    const next = this.#next(flight, answer.value);
    if (next === "broken") return;
    if (next === undefined)
      return this.#end(flight, ok({ answer: answer.value, sentAt, answeredAt: this.#clock.now() }));
    flight.step++;
    if (next === "too late") return this.#end(flight, err({ kind: "notSent", reason: next }));
    this.#ask(flight, next);
  }

  #next(flight: Flight, answer: Answer): Request | "too late" | "broken" | undefined {
    try {
      return flight.transaction.follow?.(answer, flight.step);
    } catch (error) {
      flight.reject(error);
      this.#release(flight);
      return "broken";
    }
  }

  #end(flight: Flight, result: Result<Exchange, Failure>): void {
    flight.settle(result.ok ? result : err({ failure: result.failure, step: flight.step }));
    this.#release(flight);
  }

  #release(flight: Flight): void {
    flight.over = true;
    this.#flying.delete(flight);
    this.#queue.release(flight.transaction);
    if (this.#state.state === "up") this.#pump();
  }

  #change(state: LineState): void {
    this.#state = state;
    this.changes.emit(state);
  }
}

function refuse(flight: Flight, reason: NotSentReason): void {
  flight.settle(err({ failure: { kind: "notSent", reason }, step: flight.step }));
}
