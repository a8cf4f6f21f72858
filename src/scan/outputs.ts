import type { Line } from "../bus/line.ts";
import { succeeded, type WriteResult } from "../device/outcome.ts";
import type { Device } from "../device/profile.ts";
import type { Value } from "../device/quality.ts";
import { type TagCodec, tagCodec } from "../device/tag-codec.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { invariant } from "../kit/invariant.ts";
import { err, ok, type Result } from "../kit/result.ts";
import { type Instant, type Ms, ms, plus } from "../kit/time.ts";
import { type DueCorrection, Levels } from "./levels.ts";
import { type Asking, ownAsking } from "./asking.ts";
import { conditionFault } from "./condition-fault.ts";
import { passGate, type Passed } from "./output-gate.ts";
import { agrees, disagreement } from "./agreement.ts";
import { OutputWrite } from "./output-write.ts";
import type { OutputsOptions } from "./outputs-options.ts";
import type { InputImage } from "./process-image.ts";
import { RampedWrite } from "./ramped-write.ts";
import { WriteAudit } from "./write-audit.ts";

export type { Asking } from "./asking.ts";

/** Writes under way for one device; past it a command is rejected as busy. */
const MOST_WRITES_PER_DEVICE = 32;

/** A correction that could not be sent within this is judged anew. */
const CORRECTION_SEND_BY = ms(1000);

const NEWER = "a newer value is wanted";
const UNREAD = { value: null, quality: "bad", sourceTime: undefined } as const;
const STOPPING = "the master is stopping";

const LEVEL_ASKS = ownAsking("level");

/** What a write is for: a command moves its level, a correction or a refreshment keeps it, the rest leaves it alone. */
type Purpose = "command" | "step" | "correction" | "refresh" | "heartbeat" | "safe";

interface Active {
  readonly write: OutputWrite;
  readonly purpose: Purpose;
  /** Undefined: not told by itself, a step of a ramp or a heartbeat. */
  readonly asking: Asking | undefined;
  readonly old: Value | null;
  /** Its device went away since it began: what its level becomes is for the device's return to say. */
  left: boolean;
  /** A program wants something else by now: its outcome says nothing of the level. */
  moot: boolean;
}

/** A write that has a result once the cycles have carried it out. */
export interface PendingWrite {
  readonly result: WriteResult | undefined;
  /** No further try; what is under way is settled by its own answer. */
  withdraw(reason: string): void;
}

interface Beginning {
  readonly sendBy: Instant;
  readonly purpose: Purpose;
  readonly asking?: Asking | undefined;
}

interface Ramp {
  readonly write: RampedWrite;
  /** What its steps are: a command moves its level with each, a correction with none. */
  readonly purpose: "command" | "step";
  readonly asking: Asking;
  readonly old: Value | null;
  /** Told of the outcome of the whole. */
  readonly ended: (result: WriteResult) => void;
}

/** An output that is not known to be in its safe state. */
export interface UnconfirmedOutput {
  readonly entry: TagEntry;
  readonly reason: string;
}

/** Everything the master writes: commands' writes, levels kept true, heartbeats and safe states, through one gate. */
export class Outputs {
  readonly #options: OutputsOptions;
  readonly #active = new Set<Active>();
  readonly #newest = new Map<TagEntry, Active>();
  /** The newest of each output. */
  readonly #ramps = new Map<TagEntry, Ramp>();
  readonly #costs = new Map<TagEntry, Ms>();
  readonly #levels: Levels;
  readonly #audit: WriteAudit;
  readonly #byName: ReadonlyMap<string, TagEntry>;
  #image: InputImage | undefined;
  #closing = false;

  constructor(options: OutputsOptions) {
    this.#options = options;
    this.#levels = new Levels(options.entries);
    this.#audit = new WriteAudit(options.audit);
    this.#byName = new Map(options.entries.map((entry) => [`${entry.device.name}/${entry.tag.name}`, entry]));
  }

  /** Whether a command may write this value, or why not. Nothing is sent. */
  judge(entry: TagEntry, value: Value, asking: Asking = LEVEL_ASKS): Result<Passed, string> {
    if (this.#closing) return err(STOPPING);
    if (this.#writesOf(entry.device) >= MOST_WRITES_PER_DEVICE)
      return err("busy: too many writes wait for this device");
    // A second pulse over the first could not be told from it.
    if (entry.tag.write?.kind === "pulse" && this.#isOpen(entry)) return err("busy: its last pulse is under way");
    const passed = this.#pass(entry, value, asking);
    if (!passed.ok) return passed;
    const { maxChange } = passed.value.rule;
    const moves = isRamped(passed.value) || (maxChange !== undefined && !isSafe(passed.value));
    const present = moves ? this.#present(entry) : 0;
    if (present === undefined) return err("its present value is not known, from which it has to move");
    if (!moves || maxChange === undefined || Math.abs(Number(passed.value.value) - present) <= maxChange) return passed;
    return err(`${String(value)} is more than ${maxChange} away from ${present}, the most it may change at once`);
  }

  /** Starts a command's write; its result is there once the cycles have carried it out. */
  command(entry: TagEntry, passed: Passed, sendBy: Instant, asking: Asking = LEVEL_ASKS): PendingWrite {
    const ramp = this.#rampOf(entry, passed, sendBy);
    if (ramp) return this.#beginRamp({ write: ramp, purpose: "command", asking, ended: () => undefined });
    return this.#begin(entry, passed, { sendBy, purpose: "command", asking });
  }

  /** What the master keeps true now; undefined: it takes what the slave holds. */
  wanted(entry: TagEntry): Value | undefined {
    return this.#levels.wanted(entry);
  }

  /** A program wants this of a level: kept true from now on, over whatever was wanted before. Or why it may not be now. */
  want(entry: TagEntry, value: Value): Result<undefined, string> {
    if (this.#closing) return err(STOPPING);
    const passed = this.#pass(entry, value, LEVEL_ASKS);
    if (!passed.ok) return passed;
    const older = this.#newest.get(entry);
    if (older) older.moot = true;
    this.#levels.want(entry, passed.value.value);
    if (this.#image) this.#correct({ entry, value, why: "wanted", first: true }, this.#image);
    return ok(undefined);
  }

  /** Nothing new is begun any more. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Whether a heartbeat may be tried: its device answers, and the last one is not still under way. */
  mayBeat(entry: TagEntry): boolean {
    return this.#reachable(entry.device) && !this.#isOpen(entry) && !this.#options.isSuspected(entry.device);
  }

  /** Writes a heartbeat: confirmed by its echo, never repeated. Says why where the gate lets nothing through. */
  heartbeat(entry: TagEntry, value: Value, sendBy: Instant): Result<PendingWrite, string> {
    const passed = this.#pass(entry, value, LEVEL_ASKS);
    if (!passed.ok) return passed;
    const rule = { ...passed.value.rule, kind: "pulse", verify: { by: "echo" } } as const;
    return ok(this.#begin(entry, { ...passed.value, rule }, { sendBy, purpose: "heartbeat" }));
  }

  /** A device does not answer any more, or was taken out of service: what waits for it is not sent later. */
  left(device: Device, reason: string): void {
    for (const [entry, { write }] of this.#ramps) if (entry.device === device) write.withdraw(reason);
    for (const active of this.#active) {
      if (active.write.entry.device !== device || isStop(active)) continue;
      active.left = true;
      active.write.withdraw(reason);
    }
  }

  /** A device has started anew and was never missed: what was under way is not repeated, its levels are reviewed. */
  restarted(device: Device): void {
    this.left(device, "its device has started anew");
    this.returned(device);
  }

  /** A device that was away answers again. */
  returned(device: Device): void {
    this.#levels.returned(device, this.#options.clock.now());
  }

  /** Control phase: writes under way move on, levels that left their wanted value are corrected. */
  step(image: InputImage): void {
    this.#image = image;
    for (const active of this.#active) {
      active.write.step(image);
      if (active.write.result) this.#finish(active, active.write.result);
    }
    this.#stepRamps();
    if (this.#closing) return;
    this.#tripInterlocks(image);
    const { isSuspected, vouches } = this.#options;
    const view = {
      vouches,
      mayWrite: (entry: TagEntry): boolean =>
        !this.#newest.has(entry) &&
        !this.#ramps.has(entry) &&
        this.#reachable(entry.device) &&
        !isSuspected(entry.device),
      brokenAt: (device: Device): Instant | undefined => this.#brokenAt(device),
      lost: (entry: TagEntry, wanted: Value): void => this.#reportLost(entry, wanted, image),
    };
    for (const due of this.#levels.due(image, this.#options.clock.now(), view)) this.#correct(due, image);
  }

  /**
   * Output phase: hands what is due to the lines, heartbeats first, as far as the lines' budgets go; the rest waits for the
   * next frame. Says how many writes.
   */
  flush(): number {
    let sent = 0;
    for (const active of this.#active) if (active.purpose === "heartbeat") sent += this.#send(active);
    for (const active of this.#active) if (active.purpose !== "heartbeat") sent += this.#send(active);
    return sent;
  }

  #send(active: Active): number {
    const { write } = active;
    const { device, tag } = write.entry;
    if (write.due === undefined || (!isStop(active) && !this.#reachable(device))) return 0;
    const { budgets, clock } = this.#options;
    const now = clock.now();
    const cost = this.#cost(write.entry);
    // Nothing stands in the way of a stop.
    const exempt = isStop(active) || (typeof tag.write?.safe === "object" && tag.write.safe.value === write.value);
    if (!exempt && !budgets.admits(device.line, cost, now)) return 0;
    budgets.spend(device.line, cost, now);
    return write.flush() ? 1 : 0;
  }

  #cost(entry: TagEntry): Ms {
    const known = this.#costs.get(entry);
    if (known !== undefined) return known;
    const cost = this.#options.costOf(entry);
    this.#costs.set(entry, cost);
    return cost;
  }

  /**
   * Begins to write the declared safe values and accepts nothing more. The cycles go on carrying them out; what is
   * still in the returned list when the master's deadline comes was not confirmed.
   */
  enterSafeState(sendBy: Instant): () => readonly UnconfirmedOutput[] {
    this.hold();
    const safe = this.#levels.entries.map((entry) => this.#makeSafe(entry, sendBy));
    return () => safe.flatMap((pending) => pending() ?? []);
  }

  /** Accepts nothing more and leaves the outputs as they are; what is under way is settled by its own answer. */
  hold(): void {
    this.#closing = true;
    for (const { write } of this.#ramps.values()) write.withdraw(STOPPING);
    for (const { write, purpose } of this.#active) if (purpose !== "heartbeat") write.withdraw(STOPPING);
  }

  /** Writes without an outcome; heartbeats, which never end, apart. */
  get pending(): number {
    let count = 0;
    for (const { purpose } of this.#active) if (purpose !== "heartbeat") count++;
    return count;
  }

  /** What this master may not write is not its to make safe. */
  #makeSafe(entry: TagEntry, sendBy: Instant): () => UnconfirmedOutput | undefined {
    const safe = entry.tag.write?.safe;
    if (typeof safe !== "object" || !this.#options.permit(entry).granted) return () => undefined;
    const asking = { ...ownAsking("stop"), urgent: true };
    const passed = this.#pass(entry, safe.value, asking);
    if (!passed.ok) return () => ({ entry, reason: passed.failure });
    const write = this.#begin(entry, passed.value, { sendBy, purpose: "safe", asking });
    return () => {
      const { result } = write;
      const confirmed = result?.outcome === "verified" || result?.outcome === "acknowledged";
      return confirmed ? undefined : { entry, reason: result?.reason ?? "not confirmed in time" };
    };
  }

  #pass(entry: TagEntry, value: Value, { role, urgent }: Asking): Result<Passed, string> {
    const { permit, statusOf } = this.#options;
    const status = statusOf(entry.device.name);
    const interlock = (): string | undefined => this.#interlock(entry);
    return passGate(entry, this.#codec(entry), value, { permit, status, role, evenOffline: urgent, interlock });
  }

  /** What of the profile's `requires` does not hold now; undefined: nothing stands in the way. */
  #interlock({ tag, device }: TagEntry): string | undefined {
    const image = this.#image;
    const requires = tag.write?.requires ?? [];
    if (requires.length === 0) return undefined;
    if (!image) return "its inputs have not been read yet";
    const find = (name: string): TagEntry | undefined => this.#byName.get(`${device.name}/${name}`);
    const faults = requires.flatMap((condition) => conditionFault(condition, { image, find })?.reason ?? []);
    return faults.length === 0 ? undefined : faults.join(", ");
  }

  /** What is kept true, or on its way, although its interlock is gone goes to its safe value. */
  #tripInterlocks(image: InputImage): void {
    for (const entry of this.#levels.entries) {
      const { requires, safe } = entry.tag.write ?? {};
      if (!requires?.length || typeof safe !== "object" || !this.#reachable(entry.device)) continue;
      const open = this.#ramps.get(entry)?.write.target ?? this.#newest.get(entry)?.write.value;
      const wanted = open ?? this.#levels.wanted(entry);
      if (wanted === undefined || agrees(safe.value, wanted, 0)) continue;
      const reason = this.#interlock(entry);
      if (reason === undefined) continue;
      this.#options.warn("output.tripped", { ...disagreement(entry, wanted, image), reason });
      this.#goSafe(entry, safe.value, "interlock");
    }
  }

  /** Writes every declared safe value and goes on taking commands; each that is not confirmed is told as `output.notSafe`. */
  goSafe(origin: string): void {
    if (this.#closing) return;
    for (const entry of this.#levels.entries) {
      const safe = entry.tag.write?.safe;
      if (typeof safe === "object" && this.#options.permit(entry).granted) this.#goSafe(entry, safe.value, origin);
    }
  }

  #goSafe(entry: TagEntry, value: Value, origin: string): void {
    const now = this.#options.clock.now();
    const asking = { ...ownAsking(origin), urgent: true };
    const passed = this.#pass(entry, value, asking);
    if (!passed.ok) return this.#reportUnsafe(entry, passed.failure);
    const older = this.#newest.get(entry);
    if (older) older.moot = true;
    this.#levels.want(entry, passed.value.value);
    this.#begin(entry, passed.value, { sendBy: plus(now, CORRECTION_SEND_BY), purpose: "safe", asking });
  }

  #reportUnsafe({ device, tag }: TagEntry, reason: string): void {
    this.#options.warn("output.notSafe", { device: device.name, tag: tag.name, reason });
  }

  #stepRamps(): void {
    for (const [entry, ramp] of this.#ramps) {
      const { write, purpose, asking } = ramp;
      write.step(this.#options.clock.now(), (value, sendBy) => {
        const passed = this.#pass(entry, value, asking);
        return passed.ok ? ok(this.#beginStep(entry, passed.value, { sendBy, purpose })) : passed;
      });
      if (write.result) this.#rampEnded(entry, ramp, write.result);
    }
  }

  /** The ramp on which this value is reached; undefined: it is written at once. */
  #rampOf(entry: TagEntry, passed: Passed, sendBy: Instant): RampedWrite | undefined {
    const { ramp: rate } = passed.rule;
    const from = isRamped(passed) ? this.#present(entry) : undefined;
    if (rate === undefined || from === undefined || typeof passed.value !== "number") return undefined;
    return new RampedWrite({ entry, rate, from, to: passed.value, startedAt: this.#options.clock.now(), sendBy });
  }

  #beginRamp(ramp: Omit<Ramp, "old">): RampedWrite {
    const { write } = ramp;
    const old = this.#held(write.entry);
    this.#endRamp(write.entry);
    this.#newest.get(write.entry)?.write.withdraw(NEWER);
    this.#ramps.set(write.entry, { ...ramp, old });
    return write;
  }

  #endRamp(entry: TagEntry): void {
    const ramp = this.#ramps.get(entry);
    ramp?.write.withdraw(NEWER);
    if (ramp?.write.result) this.#rampEnded(entry, ramp, ramp.write.result);
  }

  #rampEnded(entry: TagEntry, { write, asking, old, ended }: Ramp, result: WriteResult): void {
    this.#ramps.delete(entry);
    this.#audit.told({ entry, asking, old, value: write.target }, result, this.#options.clock.now());
    ended(result);
  }

  /** What the tag shows, where that is good. */
  #held(entry: TagEntry): Value | null {
    const { value, quality } = this.#image?.sample(entry.index) ?? UNREAD;
    return quality === "good" ? value : null;
  }

  /** What the slave holds now, as far as it is known: where a ramp has come to or what is under way, else the newer of last write and reading. */
  #present(entry: TagEntry): number | undefined {
    const ramp = this.#ramps.get(entry);
    if (ramp) return ramp.write.value;
    const open = this.#newest.get(entry)?.write.value;
    if (typeof open === "number") return open;
    const { value, quality, sourceTime } = this.#image?.sample(entry.index) ?? UNREAD;
    if (quality !== "good" || sourceTime === undefined) return undefined;
    const present = this.#levels.writtenAfter(entry, sourceTime) ?? value;
    return typeof present === "number" ? present : undefined;
  }

  #begin(entry: TagEntry, passed: Passed, how: Beginning): OutputWrite {
    this.#endRamp(entry);
    return this.#beginStep(entry, passed, how);
  }

  #beginStep(entry: TagEntry, passed: Passed, { sendBy, purpose, asking }: Beginning): OutputWrite {
    const { clock, own } = this.#options;
    const line = this.#line(entry.device);
    this.#newest.get(entry)?.write.withdraw(NEWER);
    const { verify } = passed.rule;
    const expected = verify.by === "expect" ? this.#byName.get(`${entry.device.name}/${verify.tag}`) : undefined;
    const write = new OutputWrite({ entry, codec: this.#codec(entry), passed, line, clock, sendBy, own, expected });
    const active = { write, purpose, asking, old: this.#held(entry), left: false, moot: false };
    this.#active.add(active);
    this.#newest.set(entry, active);
    return write;
  }

  #finish(active: Active, result: WriteResult): void {
    const { asking, old, purpose } = active;
    const { entry, value } = active.write;
    const { outcome } = result;
    const now = this.#options.clock.now();
    this.#active.delete(active);
    if (this.#newest.get(entry) === active) this.#newest.delete(entry);
    if (asking) this.#audit.told({ entry, asking, old, value }, result, now);
    if (purpose === "safe" && !this.#closing && !succeeded(outcome))
      this.#reportUnsafe(entry, result.reason ?? outcome);
    if (active.moot) return;
    if (active.purpose === "command") this.#levels.commanded(entry, value, outcome, now);
    else if (active.purpose === "correction") this.#levels.corrected(entry, outcome, now, true);
    else if (active.purpose === "refresh") this.#levels.corrected(entry, outcome, now, false);
    if (active.left && this.#reachable(entry.device)) this.#levels.reviewAfterReturn(entry, now);
  }

  #correct({ entry, value, why, first }: DueCorrection, image: InputImage): void {
    const now = this.#options.clock.now();
    if (why === "disagrees" && first) this.#reportDisagreement(entry, value, image);
    const passed = this.#pass(entry, value, LEVEL_ASKS);
    const purpose = why === "disagrees" ? "correction" : "refresh";
    const sendBy = plus(now, CORRECTION_SEND_BY);
    if (passed.ok && why !== "refresh" && isRamped(passed.value)) {
      const write = this.#rampOf(entry, passed.value, sendBy);
      const ended: Ramp["ended"] = ({ outcome }) => this.#rampCorrected(entry, outcome, why === "disagrees");
      // What it holds has to be read first.
      if (write) this.#beginRamp({ write, purpose: "step", asking: LEVEL_ASKS, ended });
      return;
    }
    // That a value is written again because it is time is no news.
    const asking = why === "refresh" ? undefined : LEVEL_ASKS;
    if (passed.ok) this.#begin(entry, passed.value, { sendBy, purpose, asking });
    else this.#levels.corrected(entry, "rejected", now, why === "disagrees");
  }

  #rampCorrected(entry: TagEntry, outcome: WriteResult["outcome"], disagreeing: boolean): void {
    this.#levels.corrected(entry, outcome, this.#options.clock.now(), disagreeing);
  }

  /** A device that restarts may be back before anybody misses it, but not without a break of its connection. */
  #brokenAt(device: Device): Instant | undefined {
    const { state } = this.#line(device);
    const silentAt = this.#options.silentAt(device.name);
    if (state.state === "down") return silentAt;
    return silentAt !== undefined && silentAt > state.since ? silentAt : state.since;
  }

  #reportLost(entry: TagEntry, wanted: Value, image: InputImage): void {
    this.#options.logger.warn("level.lost", {
      ...disagreement(entry, wanted, image),
      onReturn: entry.tag.write?.onReturn,
    });
  }

  #reportDisagreement(entry: TagEntry, wanted: Value, image: InputImage): void {
    this.#options.logger.warn("level.disagrees", disagreement(entry, wanted, image));
  }

  #isOpen(entry: TagEntry): boolean {
    const active = this.#newest.get(entry);
    return active !== undefined && active.write.result === undefined;
  }

  #codec(entry: TagEntry): TagCodec {
    // What lies over several tags (a mailbox) is none of the plant's own.
    const codec = entry.index < 0 ? tagCodec(entry.tag) : this.#options.codecs[entry.index];
    invariant(codec !== undefined, `no codec for tag ${entry.tag.name}`);
    return codec;
  }

  #line({ line: name }: Device): Line {
    const line = this.#options.lines.get(name);
    invariant(line !== undefined, `no line ${name}`);
    return line;
  }

  #reachable(device: Device): boolean {
    const status = this.#options.statusOf(device.name);
    return status === "online" || status === "degraded";
  }

  #writesOf(device: Device): number {
    let count = 0;
    for (const { write } of this.#active) if (write.entry.device === device) count++;
    return count;
  }
}

/** Levels with a ramp move along it; their safe value stops them at once. */
function isRamped(passed: Passed): boolean {
  return passed.rule.ramp !== undefined && passed.rule.kind === "level" && !isSafe(passed);
}

function isSafe({ rule: { safe }, value }: Passed): boolean {
  return typeof safe === "object" && agrees(safe.value, value, 0);
}

/** Nothing stands in the way of a stop: neither a device that seems to be away nor the budget of its line. */
function isStop({ purpose, asking }: Active): boolean {
  return purpose === "safe" || asking?.urgent === true;
}
