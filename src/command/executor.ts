import { type Outcome, worse, type WriteResult } from "../device/outcome.ts";
import type { Value } from "../device/quality.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { between, type Instant, plus } from "../kit/time.ts";
import type { Clock } from "../kit/clock.ts";
import type { Outputs } from "../scan/outputs.ts";
import type { CommandResult, SetCommand } from "./command.ts";
import { sameSet } from "./same-set.ts";
import { type SeenCommand, SeenCommands } from "./seen-commands.ts";

/** Commands carried out at the same time; past it they are rejected as busy. */
const MOST_COMMANDS = 256;

const ID_USED = "this id was already used with other content within the last hour; take a new one for every command";

export interface CommandExecutorOptions {
  readonly entries: readonly TagEntry[];
  readonly outputs: Outputs;
  readonly clock: Clock;
  /** Takes each command's one outcome; a repeated id gives the first outcome again. */
  readonly answer: (result: CommandResult, command: SetCommand) => void;
}

interface Running {
  readonly command: SetCommand;
  readonly parts: readonly Part[];
  readonly results: Map<string, WriteResult>;
  current: { readonly tag: string; readonly write: { readonly result: WriteResult | undefined } } | undefined;
}

type Results = ReadonlyMap<string, WriteResult>;

interface Part {
  readonly entry: TagEntry;
  readonly value: Value;
}

/**
 * Carries out commands in the control phase of the scan. The writes of one command go in the order written, each after
 * the outcome of the one before; what follows a write that did not succeed is not sent.
 */
export class CommandExecutor {
  readonly #options: CommandExecutorOptions;
  readonly #entries: ReadonlyMap<string, ReadonlyMap<string, TagEntry>>;
  readonly #seen: SeenCommands;
  readonly #running = new Set<Running>();

  constructor(options: CommandExecutorOptions) {
    this.#options = options;
    this.#entries = byDevice(options.entries);
    this.#seen = new SeenCommands(options.clock);
  }

  /** Begins a command, or answers it at once when it cannot be carried out. */
  accept(command: SetCommand): void {
    const known = this.#seen.find(command);
    if (known) return this.#repeated(command, known);
    const prepared = this.#prepare(command);
    if (typeof prepared === "string") return this.#answer(command, "rejected", prepared, new Map());
    this.#seen.started(command);
    this.#running.add({ command, parts: prepared, results: new Map(), current: undefined });
  }

  /** Control phase: every running command moves on as far as its writes have. */
  step(): void {
    for (const running of this.#running) this.#advance(running);
  }

  /** Answers everything that still runs: what its write became nobody will learn any more. */
  end(reason: string): void {
    for (const running of this.#running) {
      const { current } = running;
      if (current) {
        const unknown = { outcome: "unknown", reason, sent: undefined, readback: undefined } as const;
        running.results.set(current.tag, current.write.result ?? unknown);
      }
      this.#finish(running, reason);
    }
  }

  get active(): number {
    return this.#running.size;
  }

  /** The outcome of the first is the answer to a repetition; while it is under way that outcome is still to come. */
  #repeated(command: SetCommand, { set, result }: SeenCommand): void {
    const answer = sameSet(set, command.set) ? result : this.#result(command, "rejected", ID_USED, new Map());
    if (answer) this.#options.answer(answer, command);
  }

  /** The command's parts, all of which the gate would let through now; or why it is rejected as a whole. */
  #prepare(command: SetCommand): readonly Part[] | string {
    if (this.#running.size >= MOST_COMMANDS) return "busy: too many commands are under way";
    if (this.#seen.full) return "busy: too many commands within an hour";
    const tags = this.#entries.get(command.device);
    if (!tags) return `unknown device "${command.device}"`;
    const parts: Part[] = [];
    for (const [tag, value] of command.set) {
      if (parts.some((part) => part.entry.tag.name === tag)) return `${tag}: set twice`;
      const entry = tags.get(tag);
      if (!entry) return `${tag}: unknown tag of ${command.device}`;
      const judged = this.#options.outputs.judge(entry, value);
      if (!judged.ok) return `${tag}: ${judged.failure}`;
      parts.push({ entry, value });
    }
    return parts.length === 0 ? "nothing to set" : parts;
  }

  #advance(running: Running): void {
    const { current } = running;
    if (current) {
      if (!current.write.result) return;
      running.results.set(current.tag, current.write.result);
      running.current = undefined;
      if (!succeeded(current.write.result)) return this.#finish(running, `${current.tag} was not written as wanted`);
    }
    const next = running.parts[running.results.size];
    if (!next) return this.#finish(running, undefined);
    this.#begin(running, next);
  }

  #begin(running: Running, { entry, value }: Part): void {
    const { outputs } = this.#options;
    const judged = outputs.judge(entry, value);
    if (!judged.ok) {
      running.results.set(entry.tag.name, rejected(judged.failure));
      return this.#finish(running, `${entry.tag.name} was rejected`);
    }
    const write = outputs.command(entry, judged.value, this.#sendBy(running.command));
    running.current = { tag: entry.tag.name, write };
  }

  /** Parts that were not begun are rejected because of `why`. */
  #finish(running: Running, why: string | undefined): void {
    this.#running.delete(running);
    for (const { entry } of running.parts.slice(running.results.size)) {
      running.results.set(entry.tag.name, rejected(`not sent: ${why ?? ""}`));
    }
    const results = [...running.results.values()];
    const outcome = results.map((result) => result.outcome).reduce(worse);
    const reason = results.find((result) => result.outcome === outcome)?.reason;
    this.#answer(running.command, outcome, reason, running.results);
  }

  #answer(command: SetCommand, outcome: Outcome, reason: string | undefined, results: Results): void {
    const result = this.#result(command, outcome, reason, results);
    this.#seen.ended(command, result);
    this.#options.answer(result, command);
  }

  #result(command: SetCommand, outcome: Outcome, reason: string | undefined, results: Results): CommandResult {
    const { id, device, receivedAt } = command;
    const took = between(receivedAt, this.#options.clock.now());
    return { id, device, outcome, reason, results: Object.fromEntries(results), took };
  }

  #sendBy(command: SetCommand): Instant {
    return plus(command.receivedAt, command.ttl);
  }
}

function succeeded({ outcome }: WriteResult): boolean {
  return outcome === "verified" || outcome === "acknowledged";
}

function rejected(reason: string): WriteResult {
  return { outcome: "rejected", reason, sent: undefined, readback: undefined };
}

function byDevice(entries: readonly TagEntry[]): ReadonlyMap<string, ReadonlyMap<string, TagEntry>> {
  const devices = new Map<string, Map<string, TagEntry>>();
  for (const entry of entries) {
    const tags = devices.get(entry.device.name) ?? new Map<string, TagEntry>();
    tags.set(entry.tag.name, entry);
    devices.set(entry.device.name, tags);
  }
  return devices;
}
