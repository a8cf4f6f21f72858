import { commandKey, type CommandResult, leftNothing, type SetCommand } from "../command/command.ts";
import { REMEMBERED } from "../command/seen-commands.ts";
import type { Clock } from "../kit/clock.ts";
import { type Ms, ms, type WallTime, wallTime } from "../kit/time.ts";
import { type ShelfName, SHELVES } from "./shelves.ts";
import type { Change, Store } from "./store.ts";
import { encodeRecord, type Plain } from "./stored-json.ts";

/** How long a command may be held up by the disk. */
export const STORE_COMMAND_WITHIN = ms(50);
const LOAD_WITHIN = ms(3000);
/** Old ones forgotten with each new one. */
const FORGOTTEN_AT_ONCE = 8;

export interface RememberedCommand {
  /** What was asked, to know a repetition from another command of the same id. */
  readonly asked: string;
  readonly at: WallTime;
  /** Which life of the master took it. */
  readonly life: string;
  /** Undefined: it had no outcome when it was last stored. */
  readonly result: CommandResult | undefined;
}

export interface CommandMemoryOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** This life of the master: of an office that starts anew in the same process it is the same. */
  readonly life: string;
}

type Named = Pick<SetCommand, "id" | "device">;
/** A command of any kind. */
type Asked = Named & object;

/** Commands and their outcomes beyond the life of the master, so that an id delivered again is not carried out again. */
export class CommandMemory {
  readonly #options: CommandMemoryOptions;
  readonly #commands = new Map<string, RememberedCommand>();
  readonly #unsent = new Map<string, RememberedCommand>();

  constructor(options: CommandMemoryOptions) {
    this.#options = options;
  }

  /** Takes over what earlier lives left, as far as it is not too old. */
  async load(): Promise<void> {
    for (const [shelf, commands] of [["commands", this.#commands] as const, ["unsent", this.#unsent] as const]) {
      const read = await this.#options.store.read(shelf, { limit: Infinity }, LOAD_WITHIN);
      const entries = read.ok ? read.value : [];
      const found = entries.flatMap(({ key, value }) => (isRemembered(value) ? [[key, value] as const] : []));
      // in the order of their time, as those to come
      for (const [key, command] of found.toSorted(([, one], [, other]) => one.at - other.at))
        if (!commands.has(key)) commands.set(key, command);
    }
  }

  /** A command of this id that an earlier life of the master took. */
  earlier(command: Named): RememberedCommand | undefined {
    const known = this.#find(commandKey(command));
    return known && known.life !== this.#options.life && !this.#isOld(known) ? known : undefined;
  }

  /** Stores that it was taken, before it is handed on. `durable`: it has to outlive a power cut. */
  async begun(asked: Asked, durable: boolean): Promise<void> {
    const key = commandKey(asked);
    const known = this.#find(key);
    if (known?.life === this.#options.life && !this.#isOld(known)) return;
    const command = {
      asked: contentOf(asked),
      at: this.#options.clock.wall(),
      life: this.#options.life,
      result: undefined,
    };
    this.#unsent.delete(key);
    this.#commands.delete(key);
    this.#commands.set(key, command);
    await this.#write([...this.#forgetOld(), put("commands", key, command)], durable);
  }

  /** Stores its outcome, before it is told. */
  async ended(result: CommandResult): Promise<void> {
    const key = commandKey(result);
    const known = this.#commands.get(key);
    if (!known || known.result) return;
    const command = { ...known, result };
    if (!leftNothing(result)) {
      this.#commands.set(key, command);
      return this.#write([put("commands", key, command)], false);
    }
    this.#commands.delete(key);
    this.#unsent.set(key, command);
    this.#keepUnsentBounded();
    await this.#write([{ shelf: "commands", key, value: undefined }, put("unsent", key, command)], false);
  }

  /** However many are rejected within the hour: no more of them than their shelf holds. */
  #keepUnsentBounded(): void {
    const [oldest] = this.#unsent.keys();
    if (this.#unsent.size > SHELVES.unsent.entries && oldest !== undefined) this.#unsent.delete(oldest);
  }

  #find(key: string): RememberedCommand | undefined {
    return this.#commands.get(key) ?? this.#unsent.get(key);
  }

  #isOld({ at }: RememberedCommand): boolean {
    return age(at, this.#options.clock.wall()) >= REMEMBERED;
  }

  #forgetOld(): readonly Change[] {
    const changes: Change[] = [];
    for (const [shelf, commands] of [["commands", this.#commands] as const, ["unsent", this.#unsent] as const]) {
      for (const [key, command] of commands) {
        if (!this.#isOld(command) || changes.length >= FORGOTTEN_AT_ONCE) break;
        commands.delete(key);
        changes.push({ shelf, key, value: undefined });
      }
    }
    return changes;
  }

  /** A disk that does not take it is told of by the store; the command goes on without. */
  async #write(changes: readonly Change[], durable: boolean): Promise<void> {
    await this.#options.store.write(changes, { durable, within: STORE_COMMAND_WITHIN });
  }
}

/** A wall clock that was set back makes nothing younger than new. */
function age(at: WallTime, now: WallTime): Ms {
  return ms(Math.max(0, now - at));
}

/** Everything a command asks for, as text; who asked and for how long does not count. */
export function contentOf(command: object): string {
  const rest = Object.entries(command).filter(([key]) => !CIRCUMSTANCES.includes(key));
  // commands are plain data
  return encodeRecord(Object.fromEntries(rest));
}

const CIRCUMSTANCES: readonly string[] = ["id", "device", "ttl", "receivedAt", "origin", "by", "role"];

function put(shelf: ShelfName, key: string, { asked, at, life, result }: RememberedCommand): Change {
  // plain data all of it
  return { shelf, key, value: { asked, at: Math.round(at), life, result: result as Plain | undefined } };
}

function isRemembered(value: unknown): value is RememberedCommand {
  if (typeof value !== "object" || value === null) return false;
  const { asked, at, life } = value as Partial<RememberedCommand>;
  return typeof asked === "string" && typeof at === "number" && wallTime(at) > 0 && typeof life === "string";
}
