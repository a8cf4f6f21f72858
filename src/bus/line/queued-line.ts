import { type BackoffLimits, fullJitter } from "../../kit/backoff.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import { errorMessage } from "../../kit/error-message.ts";
import type { LogFields, Logger } from "../../kit/logger.ts";
import type { Random } from "../../kit/random.ts";
import { err, type Result } from "../../kit/result.ts";
import { Signal } from "../../kit/signal.ts";
import { between, type Instant, ms, type Ms } from "../../kit/time.ts";
import type { NotSentReason } from "../../modbus/failure.ts";
import { DeadlineAlarm } from "./deadline-alarm.ts";
import type { Exchange, Line, LineFailure, LineState, Overheard, Transaction } from "./line.ts";
import type { LineCounters } from "./line-counters.ts";
import type { LineStatistics } from "./line-statistics.ts";
import type { Link, OpenLink } from "./link.ts";
import type { PendingTransaction } from "./pending-transaction.ts";
import { TransactionQueue } from "./transaction-queue.ts";

export interface QueuedLineOptions {
  readonly name: string;
  /** What the log says of it beside its name. */
  readonly place: LogFields;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: LineCounters;
  readonly openLink: OpenLink;
  readonly delayAfterConnect: Ms;
  readonly reconnect: Reconnect;
  /** Transactions in flight together, on the line and to each unit; 1 for units that are not named. */
  readonly window: number;
  readonly unitWindows: ReadonlyMap<number, number>;
  /** The least that an answer is waited for; what the transaction says where none is given. */
  readonly leastTimeout?: ((transaction: Transaction) => Ms) | undefined;
  /** Transactions that may wait to be sent in each lane; 1024 where none is given. */
  readonly queueLimit?: number | undefined;
}

export interface Reconnect {
  readonly limits: BackoffLimits;
  /** The pause before attempt 1, 2, … in a row. */
  readonly pause: (attempt: number) => Ms;
}

const RECONNECT = { first: ms(500), most: ms(30_000) };

/** For endpoints that many masters may have lost in the same instant. */
export function jitteredReconnect(random: Random): Reconnect {
  return { limits: RECONNECT, pause: (attempt) => fullJitter(attempt, RECONNECT, random) };
}

const DEFAULT_QUEUE_LIMIT = 1024;

/** A line whose transactions wait in a queue for a link that is kept up for ever. */
export class QueuedLine implements Line {
  readonly name: string;
  readonly changes = new Signal<LineState>();
  readonly overheard = new Signal<Overheard>();
  readonly #options: QueuedLineOptions;
  readonly #queue: TransactionQueue<PendingTransaction>;
  readonly #lateness: DeadlineAlarm;
  #state: LineState = { state: "down", reason: "not opened", attempt: 0 };
  #link: Link | undefined;
  #pause: Timer | undefined;
  #attempt = 0;
  #downLogged = false;
  #closed: Promise<void> | undefined;

  constructor(options: QueuedLineOptions) {
    this.#options = options;
    this.name = options.name;
    this.#queue = new TransactionQueue({
      window: options.window,
      unitWindows: options.unitWindows,
      limit: options.queueLimit ?? DEFAULT_QUEUE_LIMIT,
    });
    this.#lateness = new DeadlineAlarm({
      name: "send by",
      clock: options.clock,
      earliest: () => this.#queue.earliestSendBy(),
      ring: (now) => this.#dropLate(now),
    });
  }

  get state(): LineState {
    return this.#state;
  }

  open(): void {
    if (this.#closed || this.#link || this.#pause) return;
    this.#connect();
  }

  send(transaction: Transaction): Promise<Result<Exchange, LineFailure>> {
    const least = this.#options.leastTimeout?.(transaction) ?? transaction.responseTimeout;
    const patient = least > transaction.responseTimeout ? { ...transaction, responseTimeout: least } : transaction;
    return new Promise((settle, reject) => this.#admit({ transaction: patient, settle, reject }));
  }

  statistics(): LineStatistics {
    return this.#options.counters.statistics(this.#options.clock.now());
  }

  close(): Promise<void> {
    return this.#closed ?? this.#shut();
  }

  #shut(): Promise<void> {
    const wasUp = this.#state.state === "up";
    let closed = (): void => undefined;
    this.#closed = new Promise((resolve) => (closed = resolve));
    const ended = this.#drop("closed by the master", "closing").then(closed);
    if (wasUp) this.#options.logger.info("line.down", { line: this.name, reason: "closed by the master" });
    this.#change({ state: "down", reason: "closed by the master", attempt: 0 });
    return ended;
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
    for (let link = this.#link; link && this.#queue.waiting > 0 && link.ready(); link = this.#link) {
      const admitting = link;
      const pending = this.#queue.next((unit) => admitting.admits(unit));
      if (!pending) return;
      const { sendBy } = pending.transaction;
      if (sendBy !== undefined && sendBy < this.#options.clock.now()) {
        this.#queue.release(pending.transaction);
        this.#refuse(pending, "too late");
      } else {
        link.begin(pending);
      }
    }
  }

  #settled(pending: PendingTransaction): void {
    this.#queue.release(pending.transaction);
    this.#pump();
  }

  #refuse(pending: PendingTransaction, reason: NotSentReason): void {
    const failure = { kind: "notSent", reason } as const;
    this.#options.counters.requested(pending.transaction.unit);
    this.#options.counters.failed(pending.transaction.unit, failure);
    pending.settle(err({ failure, step: 0 }));
  }

  #dropLate(now: Instant): void {
    for (const pending of this.#queue.takeLate(now)) this.#refuse(pending, "too late");
  }

  #connect(): void {
    this.#attempt++;
    this.#pause = undefined;
    this.#link = this.#options.openLink({
      connected: () => this.#connected(),
      ready: () => this.#pump(),
      settled: (pending) => this.#settled(pending),
      overheard: (what) => this.overheard.emit(what),
      lost: (reason) => this.#down(reason),
    });
  }

  #connected(): void {
    const { clock, counters, delayAfterConnect } = this.#options;
    counters.connected();
    if (delayAfterConnect <= 0) return this.#up();
    this.#pause = clock.after("delay after connect", delayAfterConnect, () => this.#up());
  }

  #up(): void {
    const { clock, logger, place } = this.#options;
    this.#pause = undefined;
    this.#downLogged = false;
    logger.info("line.up", { line: this.name, ...place, attempt: this.#attempt });
    this.#change({ state: "up", since: clock.now() });
  }

  /** The link failed or was given up: fails what it carried and what waits, and tries again after a pause. */
  #down(reason: string): void {
    if (this.#closed) return;
    const { clock, logger, reconnect } = this.#options;
    if (this.#hasProved()) this.#attempt = 0;
    const ended = this.#drop(reason, "line down");
    if (!this.#downLogged) logger.warn("line.down", { line: this.name, reason });
    this.#downLogged = true;
    this.#pause = clock.after("reconnect", reconnect.pause(this.#attempt + 1), () => this.#reopen(ended));
    this.#change({ state: "down", reason, attempt: this.#attempt });
  }

  /** Only when the old link is gone: a port is held exclusively, and a device may allow one connection. */
  #reopen(ended: Promise<void>): void {
    ended.then(
      () => {
        if (!this.#closed) this.#connect();
      },
      (error: unknown) => this.#down(errorMessage(error)),
    );
  }

  /** A link that was of use, or stood for long: its end is no reason to keep away from the peer. */
  #hasProved(): boolean {
    const { clock, reconnect } = this.#options;
    if (this.#link?.proven === true) return true;
    return this.#state.state === "up" && between(this.#state.since, clock.now()) >= reconnect.limits.most;
  }

  #drop(reason: string, waiting: NotSentReason): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#lateness.cancel();
    const ended = link?.end(reason) ?? Promise.resolve();
    for (const pending of this.#queue.drain()) this.#refuse(pending, waiting);
    return ended;
  }

  #change(state: LineState): void {
    this.#state = state;
    this.changes.emit(state);
  }
}
