import { worse } from "../device/outcome.ts";
import { plus } from "../kit/time.ts";
import type { SetCommand } from "./command.ts";
import type { Run, RunResult } from "./run.ts";
import type { WriteSequence } from "./write-sequence.ts";

/** The writes of one `set`. */
export class SetRun implements Run {
  readonly command: SetCommand;
  readonly #writes: WriteSequence;

  constructor(command: SetCommand, writes: WriteSequence) {
    this.command = command;
    this.#writes = writes;
  }

  /** It ends as its worst part. */
  get result(): RunResult | undefined {
    if (!this.#writes.done) return undefined;
    const results = new Map(this.#writes.results);
    const all = [...results.values()];
    const outcome = all.map((result) => result.outcome).reduce(worse);
    return { outcome, reason: all.find((result) => result.outcome === outcome)?.reason, results };
  }

  step(): void {
    this.#writes.step(() => plus(this.command.receivedAt, this.command.ttl));
  }

  cancel(reason: string): void {
    this.#writes.withdraw(reason);
  }

  end(reason: string): void {
    this.#writes.end(reason);
  }
}
