import type { CommandResult, SetCommand } from "../../command/command.ts";
import type { Device } from "../../device/profile.ts";
import { between } from "../../kit/time.ts";
import type { Clock } from "../../kit/clock.ts";
import type { ServiceRequest } from "../../link/messages.ts";
import type { CommandOutlet } from "../../mqtt/json/command-desk.ts";
import { SCAN_SILENT } from "../../mqtt/rejections.ts";
import { type CommandMemory, contentOf, type RememberedCommand } from "../../store/command-memory.ts";

/** A command of any kind. */
type Command = Parameters<CommandOutlet["command"]>[0];

export interface RememberedCommandsOptions {
  readonly memory: CommandMemory;
  /** Where commands go once they are stored. */
  readonly outlet: CommandOutlet;
  readonly devices: ReadonlyMap<string, Device>;
  readonly clock: Clock;
  /** Takes outcomes once they are stored. */
  readonly answer: (result: CommandResult) => void;
}

const ID_USED =
  "this id was used with other content before the master was started again; take a new one for every command";
const DISARMED = "the master was started again since: arm it anew with another id";
const KILLED = "the master ended before its outcome was known";

/**
 * Stores each command before the scan has it and each outcome before it is told. What an earlier life of the master was
 * asked is answered from there. A disk that is slow or away holds nothing up for longer than the memory's deadline.
 */
export class RememberedCommands implements CommandOutlet {
  readonly #options: RememberedCommandsOptions;
  #asked: Promise<void> = Promise.resolve();
  #told: Promise<void> = Promise.resolve();

  constructor(options: RememberedCommandsOptions) {
    this.#options = options;
  }

  command(command: Command): boolean {
    const { memory } = this.#options;
    const earlier = memory.earlier(command);
    const stored = earlier ? Promise.resolve() : memory.begun(command, this.#hasPulse(command));
    // they reach the scan in the order in which they came
    this.#asked = Promise.all([this.#asked, stored]).then(() => this.#pass(command, earlier));
    return true;
  }

  cancel(cancel: Parameters<CommandOutlet["cancel"]>[0]): boolean {
    this.#asked = this.#asked.then(() => void this.#options.outlet.cancel(cancel));
    return true;
  }

  service(service: ServiceRequest): boolean {
    return this.#options.outlet.service(service);
  }

  result(result: CommandResult): void {
    const stored = this.#options.memory.ended(result);
    this.#told = Promise.all([this.#told, stored]).then(() => this.#options.answer(result));
  }

  acknowledge(request: Parameters<CommandOutlet["acknowledge"]>[0]): boolean {
    return this.#options.outlet.acknowledge(request);
  }

  /** Settles when everything that came until now was stored and passed on. */
  async settled(): Promise<void> {
    await this.#asked;
    await this.#told;
  }

  #pass(command: Command, earlier: RememberedCommand | undefined): void {
    if (earlier) return this.#options.answer(this.#again(command, earlier));
    if (!this.#options.outlet.command(command)) this.result(this.#resultOf(command, "rejected", SCAN_SILENT));
  }

  #again(command: Command, { asked, result }: RememberedCommand): CommandResult {
    if (contentOf(command) !== asked) return this.#resultOf(command, "rejected", ID_USED);
    if ("arm" in command) return this.#resultOf(command, "rejected", DISARMED);
    return result ?? this.#resultOf(command, "unknown", KILLED);
  }

  #resultOf({ id, device, receivedAt }: Command, outcome: "rejected" | "unknown", reason: string): CommandResult {
    return { id, device, outcome, reason, results: {}, took: between(receivedAt, this.#options.clock.now()) };
  }

  /** What is done at most once has to be remembered whatever happens; of a level the next write is the same again. */
  #hasPulse({ device, set }: Pick<Command, "device"> & { readonly set?: SetCommand["set"] }): boolean {
    const tags = this.#options.devices.get(device)?.tags;
    return set === undefined || set.some(([tag]) => tags?.get(tag)?.write?.kind === "pulse");
  }
}
