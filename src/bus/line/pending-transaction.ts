import type { Result } from "../../kit/result.ts";
import type { Exchange, LineFailure, Transaction } from "./line.ts";

/** A transaction and the promise that waits for it. */
export interface PendingTransaction {
  readonly transaction: Transaction;
  readonly settle: (result: Result<Exchange, LineFailure>) => void;
  /** For bugs only: a request beyond the protocol's limits, a `follow` that throws. */
  readonly reject: (error: Error) => void;
}
