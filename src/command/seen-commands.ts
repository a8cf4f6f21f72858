import type { Clock } from "../kit/clock.ts";
import { type Instant, ms, plus } from "../kit/time.ts";
import type { CommandResult, SetCommand } from "./command.ts";

/** Ids are remembered this long, as far as {@link MOST_SEEN} reaches; a repetition after that is a new command. */
const REMEMBERED = ms(3_600_000);
const MOST_SEEN = 10_000;

interface SeenCommand {
  readonly at: Instant;
  /** Undefined while it is under way. */
  result: CommandResult | undefined;
}

/** Remembers commands by device and id, so that one that is delivered twice is done once. */
export class SeenCommands {
  readonly #clock: Clock;
  readonly #seen = new Map<string, SeenCommand>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(command: Named): SeenCommand | undefined {
    return this.#seen.get(keyOf(command));
  }

  started(command: Named): void {
    this.#forget();
    this.#seen.set(keyOf(command), { at: this.#clock.now(), result: undefined });
  }

  ended(result: CommandResult): void {
    const seen = this.#seen.get(keyOf(result));
    if (seen) seen.result = result;
  }

  /** The oldest go first; commands under way are few, and stay. */
  #forget(): void {
    const now = this.#clock.now();
    for (const [key, { at, result }] of this.#seen) {
      if (now < plus(at, REMEMBERED) && this.#seen.size < MOST_SEEN) return;
      if (result) this.#seen.delete(key);
    }
  }
}

/** Askers number their commands per device. */
type Named = Pick<SetCommand, "id" | "device">;

function keyOf({ id, device }: Named): string {
  return `${device}/${id}`;
}
