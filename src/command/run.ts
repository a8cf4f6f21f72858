import type { Outcome, WriteResult } from "../device/outcome.ts";
import type { Instant } from "../kit/time.ts";
import type { Command } from "./command.ts";

export interface RunResult {
  readonly outcome: Outcome;
  readonly reason: string | undefined;
  readonly results: ReadonlyMap<string, WriteResult>;
}

/** A command on its way: moves on with the cycles until it has its one outcome. */
export interface Run {
  readonly command: Command;
  readonly result: RunResult | undefined;
  step(now: Instant): void;
  /** Ends it as soon as what is under way is settled; `takenOver`: something else writes to the device now. */
  cancel(reason: string, takenOver: boolean, now: Instant): void;
  /** The cycles are over: it has its result when this returns. */
  end(reason: string): void;
}
