import type { Overheard } from "./line.ts";
import type { PendingTransaction } from "./pending-transaction.ts";

/** One attempt at a connection and, if it succeeds, what goes over it; never used twice. */
export interface Link {
  /** Whether any unit has answered on it. */
  readonly proven: boolean;
  /** Whether a transaction may begin now; when not, `LinkEvents.ready` is called as soon as one may. */
  ready(): boolean;
  /** Whether `unit` may be asked now; when not, `LinkEvents.ready` is called as soon as it may. */
  admits(unit: number): boolean;
  /** Sends the first request of `pending`; only while the link is ready and admits its unit. */
  begin(pending: PendingTransaction): void;
  /** Ends it at once: everything under way on it fails. Settles when what lies below is closed; never rejects. */
  end(reason: string): Promise<void>;
}

export interface LinkEvents {
  connected(): void;
  /** What was not ready, or did not admit a unit, may be asked again. */
  ready(): void;
  /** `pending` has its outcome. */
  settled(pending: PendingTransaction): void;
  overheard(what: Overheard): void;
  /** It could not be made, or is gone, or is not to be trusted any further. The link is ended before this returns. */
  lost(reason: string): void;
}

/** Begins an attempt; no event comes before this returns. */
export type OpenLink = (events: LinkEvents) => Link;
