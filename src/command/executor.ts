import type { DeviceCommand } from "../device/device-command.ts";
import { didYouMean } from "../device/did-you-mean.ts";
import type { Device } from "../device/profile.ts";
import { type Claim, mayAct, type Role } from "../device/role.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Clock } from "../kit/clock.ts";
import { formatDuration } from "../kit/duration.ts";
import { between, type Instant, plus } from "../kit/time.ts";
import { conditionFault, showCondition } from "../scan/image/condition-fault.ts";
import type { Asking, Outputs } from "../scan/outputs/outputs.ts";
import type { InputImage } from "../scan/image/process-image.ts";
import { type Audit, plainValue } from "../scan/outputs/write-audit.ts";
import { Armings } from "./armings.ts";
import { bindCall, type BoundCall } from "./bind-call.ts";
import { CallRun } from "./call-run.ts";
import type { ArmCommand, CallCommand, Command, CommandResult, SetCommand } from "./command.ts";
import type { Run, RunResult } from "./run.ts";
import { sameCommand } from "./same-command.ts";
import { type SeenCommand, SeenCommands } from "./seen-commands.ts";
import { SetRun } from "./set-run.ts";
import { type Part, WriteSequence } from "./write-sequence.ts";

/** Commands carried out at the same time; past it they are rejected as busy. */
const MOST_COMMANDS = 256;

const ARMING_OVER = "what this id armed was called or has run out; arm it anew with another";
const ID_USED = "this id was already used with other content within the last hour; take a new one for every command";

export interface CommandExecutorOptions {
  readonly entries: readonly TagEntry[];
  readonly outputs: Outputs;
  readonly image: InputImage;
  readonly clock: Clock;
  /** What a command may do. */
  readonly roleOf: (claim: Claim) => Role;
  /** Takes each command's one outcome; a repeated id gives the first outcome again. */
  readonly answer: (result: CommandResult, command: Command) => void;
  readonly audit: Audit;
}

/** A device as commands see it. */
interface Target {
  readonly device: Device;
  readonly entries: ReadonlyMap<string, TagEntry>;
}

/** Carries out commands in the control phase of the scan: writes of tags, and one call of a command at a time per device. */
export class CommandExecutor {
  readonly #options: CommandExecutorOptions;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #seen: SeenCommands;
  readonly #armings = new Armings();
  readonly #running = new Set<Run>();

  constructor(options: CommandExecutorOptions) {
    this.#options = options;
    this.#targets = byDevice(options.entries);
    this.#seen = new SeenCommands(options.clock);
  }

  /** Begins a command, or answers it at once when it cannot be carried out. */
  accept(command: Command): void {
    const known = this.#seen.find(command);
    if (known) return this.#repeated(command, known);
    const target = this.#targets.get(command.device);
    const refused = this.#crowded() ?? (target ? undefined : `unknown device "${command.device}"`);
    if (refused !== undefined || !target) return this.#reject(command, refused ?? "");
    if ("set" in command) return this.#set(command, target);
    if ("arm" in command) return this.#arm(command, target);
    this.#call(command, target);
  }

  /** Ends a call or a set that is under way; false when there is none of this id. */
  cancel({ device, id, origin }: Pick<Command, "device" | "id" | "origin">): boolean {
    for (const run of this.#running) {
      if (run.command.device !== device || run.command.id !== id) continue;
      run.cancel(`cancelled by ${origin}`, false, this.#options.clock.now());
      return true;
    }
    return false;
  }

  /** Control phase: every running command moves on as far as its writes have. */
  step(): void {
    const now = this.#options.clock.now();
    for (const run of this.#running) this.#advance(run, () => run.step(now));
  }

  /** Answers everything that still runs: what its write became nobody will learn any more. */
  end(reason: string): void {
    for (const run of this.#running) this.#advance(run, () => run.end(reason));
  }

  get active(): number {
    return this.#running.size;
  }

  /** The outcome of the first is the answer to a repetition; while it is under way that outcome is still to come. */
  #repeated(command: Command, { command: first, result }: SeenCommand): void {
    const answer = this.#used(command, first, result) ?? result;
    if (answer) this.#options.answer(answer, command);
  }

  /** The answer to an id that must not be used again; undefined: that of the first is true. */
  #used(command: Command, first: Command, result: CommandResult | undefined): CommandResult | undefined {
    const rejected = (reason: string) => this.#result(command, { ...NOTHING, outcome: "rejected", reason });
    if (!sameCommand(first, command)) return rejected(ID_USED);
    const armed = "arm" in command && result?.outcome === "acknowledged";
    return armed && !this.#armings.holds(command, this.#options.clock.now()) ? rejected(ARMING_OVER) : undefined;
  }

  #crowded(): string | undefined {
    if (this.#running.size >= MOST_COMMANDS) return "busy: too many commands are under way";
    return this.#seen.full ? "busy: too many commands within an hour" : undefined;
  }

  #set(command: SetCommand, target: Target): void {
    const asking = this.#asking(command);
    const parts = this.#prepare(command, target, asking);
    if (typeof parts === "string") return this.#reject(command, parts);
    // Before it is begun: it would take the place of a command that is in time.
    if (this.#isLate(command)) return this.#expire(command);
    this.#begin(new SetRun(command, new WriteSequence(parts, this.#options.outputs, asking)));
  }

  /** The command's parts, all of which the gate would let through now; or why it is rejected as a whole. */
  #prepare({ set }: SetCommand, { device, entries }: Target, asking: Asking): readonly Part[] | string {
    const parts: Part[] = [];
    for (const [tag, value] of set) {
      if (parts.some((part) => part.entry.tag.name === tag)) return `${tag}: set twice`;
      const entry = entries.get(tag);
      if (!entry) return `${tag}: unknown tag of ${device.name}`;
      const judged = this.#options.outputs.judge(entry, value, asking);
      if (!judged.ok) return `${tag}: ${judged.failure}`;
      parts.push({ entry, value });
    }
    return parts.length === 0 ? "nothing to set" : parts;
  }

  #arm(command: ArmCommand, target: Target): void {
    const { clock } = this.#options;
    const found = this.#find(command.arm, command, target);
    if (typeof found === "string") return this.#reject(command, found);
    if (found.arm === undefined) return this.#reject(command, `${command.arm} needs no arming: call it`);
    if (this.#isLate(command)) return this.#expire(command);
    this.#armings.arm(command, found.arm, clock.now());
    const reason = `armed: call ${command.arm} within ${formatDuration(found.arm)} with "armed":"${command.id}"`;
    this.#answer(command, { ...NOTHING, outcome: "acknowledged", reason });
  }

  #call(command: CallCommand, target: Target): void {
    const { clock, outputs, image } = this.#options;
    const now = clock.now();
    const found = this.#find(command.call, command, target);
    if (typeof found === "string") return this.#reject(command, found);
    if (this.#isLate(command)) return this.#expire(command);
    const bound = bindCall(found, command.args, target.entries);
    if (!bound.ok) return this.#reject(command, bound.failure);
    // What a profile's command writes is the profile's to allow, to whoever may call it.
    const asking = { ...this.#asking(command), role: "engineer", urgent: found.preempts } as const;
    const obstacle =
      this.#busy(found, target) ??
      this.#unmet(bound.value, target) ??
      this.#unwritable(bound.value, asking) ??
      (found.arm === undefined ? undefined : this.#armings.use(command, found.arm, now));
    if (obstacle !== undefined) return this.#reject(command, obstacle);
    if (found.preempts) this.#takeOver(command, now);
    const { entries } = target;
    this.#begin(new CallRun(command, bound.value, now, { outputs, image, entries, asking }));
  }

  /** The command of this name, if the asker may have it; or why not. */
  #find(name: string, claim: Claim, { device }: Target): DeviceCommand | string {
    const { commands } = device.profile;
    const command = commands.get(name);
    if (!command) return `unknown command "${name}" of ${device.name}; ${didYouMean(name, [...commands.keys()])}`;
    const role = this.#options.roleOf(claim);
    if (mayAct(role, command.role)) return command;
    return `${name} needs the role ${command.role}; what comes by ${claim.origin} has ${role}`;
  }

  #busy({ preempts }: DeviceCommand, { device }: Target): string | undefined {
    const running = [...this.#running].find((run) => run instanceof CallRun && run.command.device === device.name);
    if (preempts || !(running instanceof CallRun)) return undefined;
    return `busy: ${running.command.call} ("${running.command.id}") is under way`;
  }

  #unmet({ command, requires }: BoundCall, { entries }: Target): string | undefined {
    const { image } = this.#options;
    const faults = requires.flatMap((condition) => {
      const fault = conditionFault(condition, { image, find: (tag) => entries.get(tag) });
      return fault ? `it requires that ${showCondition(condition)}, but ${fault.reason}` : [];
    });
    return faults.length === 0 ? undefined : `${command.name} cannot begin: ${faults.join("; ")}`;
  }

  /** Whether the gate would let its first writes through now; the rest is judged when its turn comes. */
  #unwritable({ steps }: BoundCall, asking: Asking): string | undefined {
    const [first] = steps;
    const faults = (first?.kind === "write" ? first.parts : []).flatMap(({ entry, value }) => {
      const judged = this.#options.outputs.judge(entry, value, asking);
      return judged.ok ? [] : `${entry.tag.name}: ${judged.failure}`;
    });
    return faults[0];
  }

  /** A stop ends everything else that is under way for its device. */
  #takeOver({ device, call, id }: CallCommand, now: Instant): void {
    for (const run of this.#running)
      if (run.command.device === device) run.cancel(`${call} ("${id}") took over`, true, now);
  }

  #asking(command: Command): Asking {
    const { id, origin, by } = command;
    return { id, origin, by, role: this.#options.roleOf(command), urgent: false };
  }

  #begin(run: Run): void {
    this.#seen.started(run.command);
    this.#running.add(run);
  }

  #advance(run: Run, move: () => void): void {
    move();
    const { result } = run;
    if (!result) return;
    this.#running.delete(run);
    this.#answer(run.command, result);
  }

  #isLate({ receivedAt, ttl }: Command): boolean {
    return ttl <= 0 || this.#options.clock.now() > plus(receivedAt, ttl);
  }

  #expire(command: Command): void {
    this.#answer(command, { ...NOTHING, outcome: "expired", reason: TOO_LATE });
  }

  #reject(command: Command, reason: string): void {
    this.#answer(command, { ...NOTHING, outcome: "rejected", reason });
  }

  #answer(command: Command, outcome: RunResult): void {
    const result = this.#result(command, outcome);
    this.#seen.ended(command, result);
    this.#options.audit(auditOf(command, result));
    this.#options.answer(result, command);
  }

  #result({ id, device, receivedAt }: Command, { outcome, reason, results }: RunResult): CommandResult {
    const took = between(receivedAt, this.#options.clock.now());
    return { id, device, outcome, reason, results: Object.fromEntries(results), took };
  }
}

const NOTHING = { results: new Map() } as const;
const TOO_LATE = "it came after the time it was meant for";

function auditOf(command: Command, { outcome, reason }: CommandResult): Parameters<Audit>[0] {
  const { device, id, origin, by } = command;
  const asked = { device, origin, by, id, outcome, reason };
  if ("set" in command) return { what: "set", ...asked, values: pairsText(command.set) };
  if ("arm" in command) return { what: "arm", ...asked, command: command.arm };
  return { what: "call", ...asked, command: command.call, args: pairsText(command.args) };
}

/** `speed=0.5 run=true` */
function pairsText(pairs: SetCommand["set"]): string {
  return pairs.map(([name, value]) => `${name}=${plainValue(value)}`).join(" ");
}

function byDevice(entries: readonly TagEntry[]): ReadonlyMap<string, Target> {
  const targets = new Map<string, { readonly device: Device; readonly entries: Map<string, TagEntry> }>();
  for (const entry of entries) {
    const { device, tag } = entry;
    const target = targets.get(device.name) ?? { device, entries: new Map<string, TagEntry>() };
    target.entries.set(tag.name, entry);
    targets.set(device.name, target);
  }
  return targets;
}
