import type { Clock } from "../kit/clock.ts";
import { type Instant, ms, plus } from "../kit/time.ts";
import { type Command, commandKey, type CommandResult, leftNothing } from "./command.ts";

/** Ids are remembered this long; a repetition after that is a new command. */
export const REMEMBERED = ms(3_600_000);

/** What may have reached a device is never forgotten sooner: 27 commands a second for an hour. */
const MOST_CARRIED_OUT = 100_000;

/** A repetition of what sent nothing does no harm: remembered as far as this reaches. */
const MOST_UNSENT = 10_000;

export interface SeenCommand {
  /** What was asked, to know a repetition from another command of the same id. */
  readonly command: Command;
  readonly at: Instant;
  /** Undefined while it is under way. */
  readonly result: CommandResult | undefined;
}

/**
 * Remembers commands by device and id, so that one that is delivered twice is done once. Those that sent nothing are
 * remembered apart: however many come, they make nothing forgotten that was carried out.
 */
export class SeenCommands {
  readonly #clock: Clock;
  readonly #carriedOut = new Map<string, SeenCommand>();
  readonly #unsent = new Map<string, SeenCommand>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(command: Pick<Command, "id" | "device">): SeenCommand | undefined {
    const key = commandKey(command);
    return this.#carriedOut.get(key) ?? this.#unsent.get(key);
  }

  /** No further command can be remembered for its hour: none may be begun. */
  get full(): boolean {
    forgetOld(this.#carriedOut, this.#clock.now());
    return this.#carriedOut.size >= MOST_CARRIED_OUT;
  }

  /** Begins; only while there is room. */
  started(command: Command): void {
    this.#carriedOut.set(commandKey(command), { command, at: this.#clock.now(), result: undefined });
  }

  ended(command: Command, result: CommandResult): void {
    const key = commandKey(command);
    const at = this.#carriedOut.get(key)?.at ?? this.#clock.now();
    const seen = { command, at, result };
    if (!leftNothing(result)) return void this.#carriedOut.set(key, seen);
    this.#carriedOut.delete(key);
    forgetOld(this.#unsent, this.#clock.now());
    const [oldest] = this.#unsent.keys();
    if (this.#unsent.size >= MOST_UNSENT && oldest !== undefined) this.#unsent.delete(oldest);
    this.#unsent.set(key, seen);
  }
}

/** The oldest go first, those under way stay. */
function forgetOld(seen: Map<string, SeenCommand>, now: Instant): void {
  for (const [key, { at, result }] of seen) {
    if (now < plus(at, REMEMBERED)) return;
    if (result) seen.delete(key);
  }
}
