import type { Clock } from "../kit/clock.ts";
import { type Instant, ms, plus } from "../kit/time.ts";
import type { CommandResult } from "./command.ts";

/** Ids are remembered this long, as far as {@link MOST_SEEN} reaches; a repetition after that is a new command. */
const REMEMBERED = ms(3_600_000);
const MOST_SEEN = 10_000;

interface SeenCommand {
  readonly at: Instant;
  /** Undefined while it is under way. */
  result: CommandResult | undefined;
}

/** Remembers commands by id, so that one that is delivered twice is done once. */
export class SeenCommands {
  readonly #clock: Clock;
  readonly #seen = new Map<string, SeenCommand>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(id: string): SeenCommand | undefined {
    return this.#seen.get(id);
  }

  started(id: string): void {
    this.#forget();
    this.#seen.set(id, { at: this.#clock.now(), result: undefined });
  }

  ended(result: CommandResult): void {
    const seen = this.#seen.get(result.id);
    if (seen) seen.result = result;
  }

  #forget(): void {
    for (const [id, { at, result }] of this.#seen) {
      const old = this.#clock.now() >= plus(at, REMEMBERED) || this.#seen.size >= MOST_SEEN;
      if (!old || !result) return;
      this.#seen.delete(id);
    }
  }
}
