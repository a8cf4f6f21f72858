import { type Command, commandKey, type CommandResult } from "../../command/command.ts";
import { commandTime } from "../../device/command-time.ts";
import type { Device } from "../../device/profile.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { ms } from "../../kit/time.ts";
import { parseArm, parseCall } from "../../mqtt/json/command-payload.ts";
import type { CallRequest } from "./control-message.ts";

export interface ScanCallsOptions {
  readonly devices: ReadonlyMap<string, Device>;
  /** False: the scan has not been heard of for too long, and nothing was sent. */
  readonly post: (command: Command) => boolean;
  readonly clock: Clock;
}

interface Pending {
  readonly settle: (outcome: Result<CommandResult, string>) => void;
  readonly deadline: Timer;
}

const MOST_PENDING = 32;

/** Beyond the time the command itself may take. */
const PATIENCE = ms(10_000);

/** Calls of this machine's user on their way to the scan, each of which settles once. */
export class ScanCalls {
  readonly #options: ScanCallsOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: ScanCallsOptions) {
    this.#options = options;
  }

  /** The failure is a sentence: nothing was begun, or nobody knows. */
  ask({ device: name, kind, payload }: CallRequest): Promise<Result<CommandResult, string>> {
    const { devices, clock, post } = this.#options;
    const device = devices.get(name);
    if (!device) return Promise.resolve(err(`unknown device "${name}"`));
    const text = Buffer.from(JSON.stringify(payload));
    const parsed = kind === "arm" ? parseArm(text) : parseCall(text);
    if (!parsed.ok) return Promise.resolve(err(parsed.failure.reason));
    const { notAfter: _, ...asked } = parsed.value;
    const command: Command = { ...asked, device: name, receivedAt: clock.now(), origin: "cli" };
    const key = commandKey(command);
    if (this.#pending.size >= MOST_PENDING) return Promise.resolve(err("busy: too many calls are under way"));
    if (this.#pending.has(key)) return Promise.resolve(err(`the id "${command.id}" is under way`));
    const called = "call" in command ? device.profile.commands.get(command.call) : undefined;
    const within = ms(command.ttl + (called ? commandTime(called, device.tags) : 0) + PATIENCE);
    return new Promise((settle) => {
      const late = err(`no outcome within ${Math.round(within / 1000)} s: it may or may not have happened`);
      const deadline = clock.after("call", within, () => this.#settle(key, late));
      this.#pending.set(key, { settle, deadline });
      if (!post(command)) this.#settle(key, err("the scan stands still"));
    });
  }

  /** The outcome of a command; false where nobody here asked for it. */
  result(result: CommandResult): boolean {
    return this.#settle(commandKey(result), ok(result));
  }

  close(): void {
    for (const key of [...this.#pending.keys()]) this.#settle(key, err("the master stops"));
  }

  #settle(key: string, outcome: Result<CommandResult, string>): boolean {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    pending?.deadline.cancel();
    pending?.settle(outcome);
    return pending !== undefined;
  }
}
