import type { Clock } from "../../kit/clock.ts";
import { invariant } from "../../kit/invariant.ts";
import { err, type Result } from "../../kit/result.ts";
import { between, type Instant, ms, plus } from "../../kit/time.ts";
import type { Failure } from "../../modbus/failure.ts";
import { isWrite } from "../../modbus/function-code.ts";
import type { Answer } from "../../modbus/request.ts";
import { DeadlineAlarm } from "../line/deadline-alarm.ts";
import { Flight } from "../line/flight.ts";
import type { LineCounters } from "../line/line-counters.ts";
import { ModbusClient } from "../line/modbus-client.ts";
import type { PendingTransaction } from "../line/pending-transaction.ts";
import { type ConnectionTrust, mustReset, newConnection, nextTrust, type TrustEvent } from "../line/reset-policy.ts";
import { StrictTcpPort } from "./strict-tcp-port.ts";

export interface TcpSessionOptions {
  readonly clock: Clock;
  readonly counters: LineCounters;
  /** Transactions in flight at most. */
  readonly window: number;
  readonly transmit: (frame: Buffer) => void;
  /** Told of every frame received and what became of it; `body` is valid only during the call. */
  readonly judged?: ((wireId: number, body: Buffer, verdict: string) => void) | undefined;
  /** `pending` was settled and its slot is free. */
  readonly settled: (pending: PendingTransaction) => void;
  /** The connection must not be used any further: no more transactions, and `end` before this returns. */
  readonly broken: (reason: string) => void;
}

/** Frames nobody waits for that one connection may bring within {@link STRAYS_WITHIN}. */
const MOST_STRAYS = 100;
const STRAYS_WITHIN = ms(1000);

/** The life of one connection: which requests are under way on it, until when, and whether it can still be trusted. */
export class TcpSession {
  readonly #options: TcpSessionOptions;
  readonly #port: StrictTcpPort;
  readonly #client: ModbusClient;
  readonly #alarm: DeadlineAlarm;
  readonly #flights: (Flight | undefined)[];
  readonly #freeSlots: number[];
  #unsent: Flight[] = [];
  #trust: ConnectionTrust = newConnection;
  #now: Instant;
  #strays: { readonly since: Instant; count: number };
  #over = false;

  constructor(options: TcpSessionOptions) {
    this.#options = options;
    this.#now = options.clock.now();
    this.#strays = { since: this.#now, count: 0 };
    this.#flights = new Array<Flight | undefined>(options.window).fill(undefined);
    this.#freeSlots = this.#flights.map((_, slot) => slot);
    this.#port = new StrictTcpPort({
      window: options.window,
      transmit: options.transmit,
      judged: options.judged,
      events: {
        mismatched: (slot, reason) => this.#heard(this.#flights[slot], err({ kind: "mismatch", reason })),
        stray: () => this.#strayed(),
        broken: (reason) => this.#break(reason),
      },
    });
    this.#client = new ModbusClient(this.#port);
    this.#alarm = new DeadlineAlarm({
      name: "response",
      clock: options.clock,
      earliest: () => this.#earliestDeadline(),
      ring: (now) => this.#expire(now),
    });
  }

  /** Whether any unit has answered on this connection. */
  get proven(): boolean {
    return this.#trust.lastAnswer !== undefined;
  }

  /** Sends the first request of `pending`; there must be a slot left. */
  begin(pending: PendingTransaction): void {
    const slot = this.#over ? undefined : this.#freeSlots.pop();
    invariant(slot !== undefined, "a transaction beyond the window of its line");
    const flight = new Flight(slot, pending, this.#options.counters);
    this.#flights[slot] = flight;
    this.#ask(flight);
  }

  /** Takes bytes from the connection. */
  receive(chunk: Buffer): void {
    this.#now = this.#options.clock.now();
    this.#port.receive(chunk);
  }

  /** What was asked in this tick is being handed to the socket: its time runs from now. */
  flushing(): void {
    const now = this.#options.clock.now();
    if (this.#unsent.length > 0) this.#options.counters.busy(true, now);
    for (const flight of this.#unsent) {
      flight.sentAt = now;
      this.#alarm.expect(plus(now, flight.pending.transaction.responseTimeout));
    }
    this.#unsent = [];
  }

  /** The connection is gone: everything under way on it fails. */
  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#now = this.#options.clock.now();
    this.#port.close();
    this.#alarm.cancel();
    for (const flight of this.#flights) {
      if (flight)
        this.#fail(
          flight,
          flight.sentAt === undefined ? { kind: "notSent", reason: "line down" } : { kind: "lineLost", reason },
        );
    }
  }

  /** Late and doubled answers are few; a peer that goes on and on is not one to be asked. */
  #strayed(): void {
    this.#options.counters.stray();
    if (between(this.#strays.since, this.#now) >= STRAYS_WITHIN) this.#strays = { since: this.#now, count: 0 };
    if (++this.#strays.count > MOST_STRAYS)
      this.#break(`more than ${MOST_STRAYS} answers within a second that nobody asked for`);
  }

  #ask(flight: Flight): void {
    const { unit } = flight.pending.transaction;
    this.#options.counters.requested(unit);
    this.#unsent.push(flight);
    try {
      this.#client.ask(flight.slot, unit, flight.progress.request, (result) => this.#heard(flight, result));
    } catch (error) {
      this.#abandon(flight, error);
    }
  }

  /** The unit's answer, exception, or well-formed nonsense. Must not throw: modbus-serial would call again. */
  #heard(flight: Flight | undefined, result: Result<Answer, Failure>): void {
    if (!flight || !this.#isUnderWay(flight)) return;
    if (flight.sentAt === undefined) return this.#break("an answer came before its request was sent");
    const { unit } = flight.pending.transaction;
    this.#trust = nextTrust(this.#trust, { kind: "answered", unit, at: this.#now });
    if (!result.ok) return this.#fail(flight, result.failure);
    this.#options.counters.answered(unit, between(flight.sentAt, this.#now));
    try {
      this.#proceed(flight, result.value);
    } catch (error) {
      this.#abandon(flight, error);
    }
  }

  #proceed(flight: Flight, part: Answer): void {
    const advanced = flight.advance(part, this.#port.continuesAt);
    if (!this.#isUnderWay(flight)) return;
    if (!advanced.ok) return this.#fail(flight, advanced.failure);
    const { answer, next } = advanced.value;
    if (next === undefined) return this.#complete(flight, answer);
    if (next === "too late") return this.#passOver(flight);
    flight.goOn(next);
    this.#ask(flight);
  }

  #passOver(flight: Flight): void {
    flight.passOver();
    this.#fail(flight, { kind: "notSent", reason: "too late" });
  }

  #complete(flight: Flight, answer: Answer): void {
    this.#free(flight);
    flight.complete(answer, flight.sentAt ?? this.#now, this.#now);
    this.#options.settled(flight.pending);
  }

  #fail(flight: Flight, failure: Failure): void {
    this.#free(flight);
    flight.fail(failure);
    this.#options.settled(flight.pending);
  }

  /** A bug of ours or of who asked: the transaction is rejected, and the connection lives on. */
  #abandon(flight: Flight, error: unknown): void {
    if (!this.#isUnderWay(flight)) return;
    this.#free(flight);
    flight.reject(error);
    this.#options.settled(flight.pending);
  }

  #free(flight: Flight): void {
    this.#port.retire(flight.slot);
    this.#flights[flight.slot] = undefined;
    this.#freeSlots.push(flight.slot);
    if (flight.sentAt === undefined) this.#unsent = this.#unsent.filter((other) => other !== flight);
    if (this.#freeSlots.length === this.#flights.length) this.#options.counters.busy(false, this.#now);
  }

  /** Not any more once the connection ended under it, which a `follow` may have brought about. */
  #isUnderWay(flight: Flight): boolean {
    return this.#flights[flight.slot] === flight;
  }

  #earliestDeadline(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const flight of this.#flights) {
      if (flight?.sentAt === undefined) continue;
      const deadline = plus(flight.sentAt, flight.pending.transaction.responseTimeout);
      if (earliest === undefined || deadline < earliest) earliest = deadline;
    }
    return earliest;
  }

  #expire(now: Instant): void {
    this.#now = now;
    for (const flight of [...this.#flights]) {
      if (this.#over || flight?.sentAt === undefined) continue;
      if (plus(flight.sentAt, flight.pending.transaction.responseTimeout) <= now) this.#timeOut(flight, flight.sentAt);
    }
  }

  #timeOut(flight: Flight, sentAt: Instant): void {
    const { unit, responseTimeout } = flight.pending.transaction;
    const event = {
      kind: "timeout",
      unit,
      write: isWrite(flight.progress.request.fc),
      sentAt,
    } as const satisfies TrustEvent;
    this.#trust = nextTrust(this.#trust, event);
    const reset = mustReset(this.#trust, event);
    this.#fail(flight, { kind: "timeout", after: responseTimeout });
    if (this.#over) return;
    if (this.#port.holdsPart) this.#break("an answer broke off");
    else if (reset) this.#break(event.write ? `unit ${unit} left a write unanswered` : "no unit answers");
  }

  /** Who owns the connection stops using this session, and then ends it. */
  #break(reason: string): void {
    if (!this.#over) this.#options.broken(reason);
    invariant(this.#over, "a broken session goes on");
  }
}
