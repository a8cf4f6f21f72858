import { InvariantError } from "../../kit/invariant.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Instant } from "../../kit/time.ts";
import type { Failure } from "../../modbus/failure.ts";
import type { Answer } from "../../modbus/request.ts";
import type { LineCounters } from "./line-counters.ts";
import type { PendingTransaction } from "./pending-transaction.ts";
import { type Advance, advance, firstStep, type TransactionProgress } from "./transaction-progress.ts";

/** A transaction under way, with the step it is at. */
export class Flight {
  /** Its place among those under way; 0 where there is but one. */
  readonly slot: number;
  readonly pending: PendingTransaction;
  readonly #counters: LineCounters;
  #progress: TransactionProgress;
  /** When the request of this step was handed over; undefined while it waits for its turn on the line. */
  startedAt: Instant | undefined;
  /** When its last byte left; undefined until that is known. */
  sentAt: Instant | undefined;

  constructor(slot: number, pending: PendingTransaction, counters: LineCounters) {
    this.slot = slot;
    this.pending = pending;
    this.#counters = counters;
    this.#progress = firstStep(pending.transaction);
    this.startedAt = undefined;
    this.sentAt = undefined;
  }

  /** Another with every step. */
  get progress(): TransactionProgress {
    return this.#progress;
  }

  /** What the answer to this step leads to; asks whoever has to say what follows. */
  advance(part: Answer, continuesAt: number | undefined): Result<Advance, Failure> {
    return advance(this.#progress, part, continuesAt, this.pending.transaction.follow);
  }

  /** The next step waits for its turn. */
  goOn(next: TransactionProgress): void {
    this.#progress = next;
    this.startedAt = undefined;
    this.sentAt = undefined;
  }

  complete(answer: Answer, sentAt: Instant, answeredAt: Instant): void {
    this.pending.settle(ok({ answer, sentAt, answeredAt }));
  }

  fail(failure: Failure): void {
    this.#counters.failed(this.pending.transaction.unit, failure);
    this.pending.settle(err({ failure, step: this.#progress.step }));
  }

  /** The next step is not sent any more. */
  passOver(): void {
    this.#progress = { ...this.#progress, step: this.#progress.step + 1 };
    this.#counters.requested(this.pending.transaction.unit);
  }

  /** A bug of ours or of who asked. */
  reject(error: unknown): void {
    const bug = error instanceof InvariantError ? error : new InvariantError(String(error), { cause: error });
    this.pending.reject(bug);
  }
}
