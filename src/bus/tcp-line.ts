import type { LineSettings } from "../config/plant.ts";
import { fullJitter } from "../kit/backoff.ts";
import type { Clock, Timer } from "../kit/clock.ts";
import type { Logger } from "../kit/logger.ts";
import type { Random } from "../kit/random.ts";
import { err, type Result } from "../kit/result.ts";
import { Signal } from "../kit/signal.ts";
import { between, type Instant, ms } from "../kit/time.ts";
import type { NotSentReason } from "../modbus/failure.ts";
import { DeadlineAlarm } from "./deadline-alarm.ts";
import type { Exchange, Line, LineFailure, LineState, Transaction } from "./line.ts";
import { LineCounters } from "./line-counters.ts";
import type { LineStatistics } from "./line-statistics.ts";
import type { PendingTransaction } from "./pending-transaction.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { TcpSession } from "./tcp-session.ts";
import { TransactionQueue } from "./transaction-queue.ts";

export interface TcpLineOptions {
  readonly settings: LineSettings;
  /** Requests each unit takes at once; 1 where none is given. */
  readonly unitWindows: ReadonlyMap<number, number>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Transactions that may wait to be sent in each lane; 1024 where none is given. */
  readonly queueLimit?: number;
}

/** One Modbus/TCP endpoint with all units behind it: one connection, kept up for ever. */
export function tcpLine(options: TcpLineOptions): Line {
  return new TcpLine(options);
}

const RECONNECT = { first: ms(500), most: ms(30_000) };
const DEFAULT_QUEUE_LIMIT = 1024;

class TcpLine implements Line {
  readonly name: string;
  readonly changes = new Signal<LineState>();
  readonly #options: TcpLineOptions;
  readonly #queue: TransactionQueue<PendingTransaction>;
  readonly #counters: LineCounters;
  readonly #lateness: DeadlineAlarm;
  #state: LineState = { state: "down", reason: "not opened", attempt: 0 };
  #connection: TcpConnection | undefined;
  #session: TcpSession | undefined;
  #pause: Timer | undefined;
  #attempt = 0;
  #downLogged = false;
  #closed = false;

  constructor(options: TcpLineOptions) {
    const { settings, clock } = options;
    this.#options = options;
    this.name = settings.name;
    this.#counters = new LineCounters(settings.name, clock.now(), options.unitWindows.keys());
    this.#queue = new TransactionQueue({
      window: settings.window,
      unitWindows: options.unitWindows,
      limit: options.queueLimit ?? DEFAULT_QUEUE_LIMIT,
    });
    this.#lateness = new DeadlineAlarm({
      name: "send by",
      clock,
      earliest: () => this.#queue.earliestSendBy(),
      ring: (now) => this.#dropLate(now),
    });
  }

  get state(): LineState {
    return this.#state;
  }

  open(): void {
    if (this.#closed || this.#connection || this.#pause) return;
    this.#connect();
  }

  send(transaction: Transaction): Promise<Result<Exchange, LineFailure>> {
    return new Promise((settle, reject) => this.#admit({ transaction, settle, reject }));
  }

  statistics(): LineStatistics {
    return this.#counters.statistics(this.#options.clock.now());
  }

  close(): Promise<void> {
    if (!this.#closed) this.#shut();
    return Promise.resolve();
  }

  #shut(): void {
    const wasUp = this.#state.state === "up";
    this.#closed = true;
    this.#drop("closed by the master", "closing");
    if (wasUp) this.#options.logger.info("line.down", { line: this.name, reason: "closed by the master" });
    this.#change({ state: "down", reason: "closed by the master", attempt: 0 });
  }

  #admit(pending: PendingTransaction): void {
    if (this.#closed) return this.#refuse(pending, "closing");
    if (this.#state.state === "down") return this.#refuse(pending, "line down");
    if (!this.#queue.add(pending)) return this.#refuse(pending, "queue full");
    this.#pump();
    const { sendBy } = pending.transaction;
    if (sendBy !== undefined && this.#queue.waiting > 0) this.#lateness.expect(sendBy);
  }

  /** Sends what may go now. */
  #pump(): void {
    const session = this.#session;
    if (!session) return;
    for (let pending = this.#queue.next(); pending; pending = this.#queue.next()) {
      const { sendBy } = pending.transaction;
      if (sendBy !== undefined && sendBy < this.#options.clock.now()) {
        this.#queue.release(pending.transaction);
        this.#refuse(pending, "too late");
      } else {
        session.begin(pending);
      }
    }
  }

  #settled(pending: PendingTransaction): void {
    this.#queue.release(pending.transaction);
    this.#pump();
  }

  #refuse(pending: PendingTransaction, reason: NotSentReason): void {
    const failure = { kind: "notSent", reason } as const;
    this.#counters.requested(pending.transaction.unit);
    this.#counters.failed(pending.transaction.unit, failure);
    pending.settle(err({ failure, step: 0 }));
  }

  #dropLate(now: Instant): void {
    for (const pending of this.#queue.takeLate(now)) this.#refuse(pending, "too late");
  }

  #connect(): void {
    const { settings, clock } = this.#options;
    this.#attempt++;
    this.#pause = undefined;
    const connection = new TcpConnection(settings, clock, {
      connected: () => this.#connected(connection),
      received: (chunk) => this.#session?.receive(chunk),
      flushing: () => this.#session?.flushing(),
      lost: (reason) => this.#down(reason),
    });
    this.#connection = connection;
  }

  #connected(connection: TcpConnection): void {
    const { settings, clock } = this.#options;
    this.#counters.connected();
    this.#session = new TcpSession({
      clock,
      counters: this.#counters,
      window: settings.window,
      transmit: (frame) => connection.transmit(frame),
      settled: (pending) => this.#settled(pending),
      broken: (reason) => {
        this.#counters.reset();
        this.#down(reason);
      },
    });
    if (settings.delayAfterConnect <= 0) return this.#up();
    this.#pause = clock.after("delay after connect", settings.delayAfterConnect, () => this.#up());
  }

  #up(): void {
    const { host, port } = this.#options.settings;
    this.#pause = undefined;
    this.#downLogged = false;
    this.#options.logger.info("line.up", { line: this.name, host, port, attempt: this.#attempt });
    this.#change({ state: "up", since: this.#options.clock.now() });
  }

  /** The connection failed or was given up: fails what it carried and what waits, and tries again after a pause. */
  #down(reason: string): void {
    if (this.#closed) return;
    if (this.#hasProved()) this.#attempt = 0;
    this.#drop(reason, "line down");
    if (!this.#downLogged) this.#options.logger.warn("line.down", { line: this.name, reason });
    this.#downLogged = true;
    const pause = fullJitter(this.#attempt + 1, RECONNECT, this.#options.random);
    this.#pause = this.#options.clock.after("reconnect", pause, () => this.#connect());
    this.#change({ state: "down", reason, attempt: this.#attempt });
  }

  /** A connection that was of use, or stood for long: its end is no reason to keep away from the peer. */
  #hasProved(): boolean {
    if (this.#session?.proven === true) return true;
    return this.#state.state === "up" && between(this.#state.since, this.#options.clock.now()) >= RECONNECT.most;
  }

  #drop(reason: string, waiting: NotSentReason): void {
    const session = this.#session;
    this.#session = undefined;
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#lateness.cancel();
    this.#connection?.reset();
    this.#connection = undefined;
    session?.end(reason);
    for (const pending of this.#queue.drain()) this.#refuse(pending, waiting);
  }

  #change(state: LineState): void {
    this.#state = state;
    this.changes.emit(state);
  }
}
