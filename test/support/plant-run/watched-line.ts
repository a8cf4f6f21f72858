import type { Exchange, Line, LineFailure, LineState, Overheard, Transaction } from "../../../src/bus/line/line.ts";
import type { LineStatistics } from "../../../src/bus/line/line-statistics.ts";
import type { Result } from "../../../src/kit/result.ts";
import type { Listenable } from "../../../src/kit/signal.ts";

/** Told of a transaction that a line is asked for; what it returns is told when that is settled. */
export type LineWatcher = (transaction: Transaction) => () => void;

/** A line with somebody who watches what it is asked for. */
export class WatchedLine implements Line {
  readonly #line: Line;
  readonly #watch: LineWatcher;

  constructor(line: Line, watch: LineWatcher) {
    this.#line = line;
    this.#watch = watch;
  }

  get name(): string {
    return this.#line.name;
  }

  get state(): LineState {
    return this.#line.state;
  }

  get changes(): Listenable<LineState> {
    return this.#line.changes;
  }

  get overheard(): Listenable<Overheard> {
    return this.#line.overheard;
  }

  open(): void {
    this.#line.open();
  }

  async send(transaction: Transaction): Promise<Result<Exchange, LineFailure>> {
    const settled = this.#watch(transaction);
    const exchange = await this.#line.send(transaction);
    settled();
    return exchange;
  }

  statistics(): LineStatistics {
    return this.#line.statistics();
  }

  close(): Promise<void> {
    return this.#line.close();
  }
}
