import type { Line } from "../../bus/line/line.ts";
import type { WriteResult } from "../../device/outcome.ts";
import type { Device } from "../../device/profile.ts";
import type { Value } from "../../device/quality.ts";
import { type TagCodec, tagCodec } from "../../device/tag-codec.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { invariant } from "../../kit/invariant.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import { type DueCorrection, Levels } from "./levels.ts";
import { SafeStates, type SafeWrite, type UnconfirmedOutput } from "./safe-states.ts";
import { type Asking, ownAsking } from "./asking.ts";
import { interlockFault } from "./interlocks.ts";
import { isSafe, passGate, type Passed } from "./output-gate.ts";
import { OutputPhase } from "./output-phase.ts";
import { disagreement } from "../image/agreement.ts";
import { OutputWrite } from "./output-write.ts";
import type { OutputsOptions } from "./outputs-options.ts";
import type { InputImage } from "../image/process-image.ts";
import { type ActiveWrite, type Beginning, isRamped, isStop, type PendingWrite } from "./active-write.ts";
import { RampedWrite } from "./ramped-write.ts";
import { type Ramp, Ramps } from "./ramps.ts";
import { WriteAudit } from "./write-audit.ts";

export type { PendingWrite } from "./active-write.ts";
export type { Asking } from "./asking.ts";

/** Writes under way for one device; past it a command is rejected as busy, unless it is a stop. */
const MOST_WRITES_PER_DEVICE = 32;

/** A correction that could not be sent within this is judged anew. */
const CORRECTION_SEND_BY = ms(1000);

const NEWER = "a newer value is wanted";
const UNREAD = { value: null, quality: "bad", sourceTime: undefined } as const;
const STOPPING = "the master is stopping";

const LEVEL_ASKS = ownAsking("level");

/** Everything the master writes: commands' writes, levels kept true, heartbeats and safe states, through one gate. */
export class Outputs {
  readonly #options: OutputsOptions;
  readonly #active = new Set<ActiveWrite>();
  readonly #newest = new Map<TagEntry, ActiveWrite>();
  readonly #ramps: Ramps;
  readonly #phase: OutputPhase;
  readonly #levels: Levels;
  readonly #audit: WriteAudit;
  readonly #safe: SafeStates;
  readonly #byName: ReadonlyMap<string, TagEntry>;
  #image: InputImage | undefined;
  #closing = false;

  constructor(options: OutputsOptions) {
    this.#options = options;
    this.#levels = new Levels(options.entries);
    this.#audit = new WriteAudit(options.audit);
    this.#ramps = new Ramps(this.#audit);
    this.#safe = this.#safeStates();
    this.#phase = new OutputPhase({ ...options, reachable: (device) => this.#reachable(device) });
    this.#byName = new Map(options.entries.map((entry) => [`${entry.device.name}/${entry.tag.name}`, entry]));
  }

  /** Whether a command may write this value, or why not. Nothing is sent. */
  judge(entry: TagEntry, value: Value, asking: Asking = LEVEL_ASKS): Result<Passed, string> {
    if (this.#closing) return err(STOPPING);
    if (!asking.urgent && this.#writesOf(entry.device) >= MOST_WRITES_PER_DEVICE)
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
  command(entry: TagEntry, passed: Passed, how: Omit<Beginning, "purpose">): PendingWrite {
    const ramp = this.#rampOf(entry, passed, how.sendBy);
    const { asking = LEVEL_ASKS } = how;
    if (ramp) return this.#beginRamp({ write: ramp, purpose: "command", asking, ended: () => undefined });
    return this.#begin(entry, passed, { ...how, purpose: "command", asking });
  }

  /** What the master keeps true now; undefined: it takes what the slave holds. */
  wanted(entry: TagEntry): Value | undefined {
    return this.#levels.wanted(entry);
  }

  /** A program wants this of a level: kept true from now on, over whatever was wanted before. Or why it may not be now. */
  want(entry: TagEntry, value: Value, asking: Asking = LEVEL_ASKS): Result<undefined, string> {
    if (this.#closing) return err(STOPPING);
    const passed = this.#pass(entry, value, asking);
    if (!passed.ok) return passed;
    const older = this.#newest.get(entry);
    if (older) older.moot = true;
    this.#levels.want(entry, passed.value.value);
    if (this.#image) this.#correct({ entry, value, why: "wanted", first: true }, this.#image, asking);
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
    this.#ramps.withdraw(reason, device);
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
    this.#phase.returned(device);
    this.#levels.returned(device, this.#options.clock.now());
  }

  /** Control phase: writes under way move on, levels that left their wanted value are corrected. */
  step(image: InputImage): void {
    this.#image = image;
    for (const active of this.#active) {
      active.write.step(image);
      if (active.write.result) this.#finish(active, active.write.result);
    }
    this.#ramps.step(this.#options.clock.now(), ({ write, purpose, asking }, value, sendBy) => {
      const passed = this.#pass(write.entry, value, asking);
      return passed.ok ? ok(this.#beginStep(write.entry, passed.value, { sendBy, purpose })) : passed;
    });
    if (this.#closing) return;
    this.#safe.step(this.#options.clock.now());
    const { isSuspected, vouches } = this.#options;
    const view = {
      vouches,
      mayWrite: (entry: TagEntry): boolean =>
        !this.#newest.has(entry) &&
        !this.#ramps.of(entry) &&
        this.#reachable(entry.device) &&
        !isSuspected(entry.device),
      brokenAt: (device: Device): Instant | undefined => this.#brokenAt(device),
      lost: (entry: TagEntry, wanted: Value): void => this.#reportLost(entry, wanted, image),
    };
    for (const due of this.#levels.due(image, this.#options.clock.now(), view)) this.#correct(due, image);
  }

  /** Output phase: hands what is due to the lines, heartbeats first. Says how many writes. */
  flush(): number {
    return this.#phase.run(this.#active);
  }

  /**
   * Begins to write the declared safe values and accepts nothing more. The cycles go on carrying them out; what is
   * still in the returned list when the master's deadline comes was not confirmed.
   */
  enterSafeState(sendBy: Instant): () => readonly UnconfirmedOutput[] {
    this.hold();
    return this.#safe.enter(sendBy);
  }

  /** Accepts nothing more and leaves the outputs as they are; what is under way is settled by its own answer. */
  hold(): void {
    this.#closing = true;
    this.#ramps.withdraw(STOPPING);
    for (const { write, purpose } of this.#active) if (purpose !== "heartbeat") write.withdraw(STOPPING);
  }

  /** Writes without an outcome; heartbeats, which never end, apart. */
  get pending(): number {
    let count = 0;
    for (const { purpose } of this.#active) if (purpose !== "heartbeat") count++;
    return count;
  }

  #pass(entry: TagEntry, value: Value, { role, urgent }: Asking): Result<Passed, string> {
    const { permit, statusOf } = this.#options;
    const status = statusOf(entry.device.name);
    const interlock = (): string | undefined => this.#interlock(entry);
    return passGate(entry, this.#codec(entry), value, { permit, status, role, evenOffline: urgent, interlock });
  }

  #interlock(entry: TagEntry): string | undefined {
    return interlockFault(entry, this.#image, (tag) => this.#byName.get(`${entry.device.name}/${tag}`));
  }

  /** Writes every declared safe value and goes on taking commands; each that is not confirmed is told as `output.notSafe`. */
  goSafe(origin: string): void {
    if (!this.#closing) this.#safe.all(origin, this.#options.clock.now());
  }

  #safeStates(): SafeStates {
    return new SafeStates({
      ...this.#options,
      entries: this.#levels.entries,
      reachable: ({ device }) => this.#reachable(device),
      wanted: (entry) =>
        this.#ramps.of(entry)?.target ?? this.#newest.get(entry)?.write.value ?? this.#levels.wanted(entry),
      interlock: (entry) => this.#interlock(entry),
      write: (entry, value, how) => this.#writeSafe(entry, value, how),
    });
  }

  #writeSafe(entry: TagEntry, value: Value, { sendBy, asking, keep }: SafeWrite): Result<PendingWrite, string> {
    const passed = this.#pass(entry, value, asking);
    if (!passed.ok) return passed;
    const older = this.#newest.get(entry);
    if (older && keep) older.moot = true;
    if (keep) this.#levels.want(entry, passed.value.value);
    return ok(this.#begin(entry, passed.value, { sendBy, purpose: "safe", asking }));
  }

  /** The ramp on which this value is reached; undefined: it is written at once. */
  #rampOf(entry: TagEntry, passed: Passed, sendBy: Instant): RampedWrite | undefined {
    const { ramp: rate } = passed.rule;
    const from = isRamped(passed) ? this.#present(entry) : undefined;
    if (rate === undefined || from === undefined || typeof passed.value !== "number") return undefined;
    return new RampedWrite({ entry, rate, from, to: passed.value, startedAt: this.#options.clock.now(), sendBy });
  }

  #beginRamp(ramp: Omit<Ramp, "old">): RampedWrite {
    const { entry } = ramp.write;
    const old = this.#held(entry);
    this.#endRamp(entry);
    this.#newest.get(entry)?.write.withdraw(NEWER);
    this.#ramps.begin({ ...ramp, old });
    return ramp.write;
  }

  #endRamp(entry: TagEntry): void {
    this.#ramps.supersede(entry, NEWER, this.#options.clock.now());
  }

  /** What the tag shows, where that is good. */
  #held(entry: TagEntry): Value | null {
    const { value, quality } = this.#image?.sample(entry.index) ?? UNREAD;
    return quality === "good" ? value : null;
  }

  /** What the slave holds now, as far as it is known: where a ramp has come to or what is under way, else the newer of last write and reading. */
  #present(entry: TagEntry): number | undefined {
    const ramp = this.#ramps.of(entry);
    if (ramp) return ramp.value;
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

  #beginStep(entry: TagEntry, passed: Passed, { sendBy, purpose, asking, behind }: Beginning): OutputWrite {
    const { clock, own } = this.#options;
    const line = this.#line(entry.device);
    this.#newest.get(entry)?.write.withdraw(NEWER);
    const { verify } = passed.rule;
    const expected = verify.by === "expect" ? this.#byName.get(`${entry.device.name}/${verify.tag}`) : undefined;
    const write = new OutputWrite({ entry, codec: this.#codec(entry), passed, line, clock, sendBy, own, expected });
    const active = { write, purpose, asking, behind, old: this.#held(entry), left: false, moot: false };
    this.#active.add(active);
    this.#newest.set(entry, active);
    return write;
  }

  #finish(active: ActiveWrite, result: WriteResult): void {
    const { asking, old } = active;
    const { entry, value } = active.write;
    const now = this.#options.clock.now();
    this.#active.delete(active);
    if (this.#newest.get(entry) === active) this.#newest.delete(entry);
    if (asking) this.#audit.told({ entry, asking, old, value }, result, now);
    if (active.moot) return;
    if (active.purpose === "command") this.#levels.commanded(entry, value, result.outcome, now);
    else if (active.purpose === "correction") this.#levels.corrected(entry, result.outcome, now, true);
    else if (active.purpose === "refresh") this.#levels.corrected(entry, result.outcome, now, false);
    if (active.left && this.#reachable(entry.device)) this.#levels.reviewAfterReturn(entry, now);
  }

  #correct({ entry, value, why, first }: DueCorrection, image: InputImage, asking: Asking = LEVEL_ASKS): void {
    const now = this.#options.clock.now();
    if (why === "disagrees" && first) this.#reportDisagreement(entry, value, image);
    const passed = this.#pass(entry, value, asking);
    const purpose = why === "disagrees" ? "correction" : "refresh";
    const sendBy = plus(now, CORRECTION_SEND_BY);
    if (passed.ok && why !== "refresh" && isRamped(passed.value)) {
      const write = this.#rampOf(entry, passed.value, sendBy);
      const ended: Ramp["ended"] = ({ outcome }) =>
        this.#levels.corrected(entry, outcome, this.#options.clock.now(), why === "disagrees");
      // What it holds has to be read first.
      if (write) this.#beginRamp({ write, purpose: "step", asking, ended });
      return;
    }
    // That a value is written again because it is time is no news.
    const told = why === "refresh" ? undefined : asking;
    if (passed.ok) this.#begin(entry, passed.value, { sendBy, purpose, asking: told });
    else this.#levels.corrected(entry, "rejected", now, why === "disagrees");
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
