import type { Line } from "../bus/line.ts";
import type { DeviceStatus } from "../device/device-status.ts";
import type { WriteResult } from "../device/outcome.ts";
import type { Device } from "../device/profile.ts";
import type { Value } from "../device/quality.ts";
import type { TagCodec } from "../device/tag-codec.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Clock } from "../kit/clock.ts";
import { invariant } from "../kit/invariant.ts";
import type { Logger } from "../kit/logger.ts";
import { err, type Result } from "../kit/result.ts";
import { type Instant, ms, plus } from "../kit/time.ts";
import { afterCommand, afterCorrection, afterReturn, correctionDue, FREE_LEVEL, type Level } from "./level.ts";
import { passGate, type Passed } from "./output-gate.ts";
import { OutputWrite } from "./output-write.ts";
import type { Permit } from "./permit.ts";
import type { InputImage } from "./process-image.ts";

/** Writes under way for one device; past it a command is rejected as busy. */
const MOST_WRITES_PER_DEVICE = 32;

/** A correction that could not be sent within this is judged anew. */
const CORRECTION_SEND_BY = ms(1000);

export interface OutputsOptions {
  readonly entries: readonly TagEntry[];
  readonly codecs: readonly TagCodec[];
  readonly lines: ReadonlyMap<string, Line>;
  readonly clock: Clock;
  readonly permit: Permit;
  readonly statusOf: (device: string) => DeviceStatus["status"];
  readonly logger: Logger;
}

/** What a write is for: a command moves its level, a correction keeps it, the rest leaves it alone. */
type Purpose = "command" | "correction" | "heartbeat" | "safe";

interface Active {
  readonly write: OutputWrite;
  readonly purpose: Purpose;
}

/** Everything the master writes: commands' writes, levels kept true, heartbeats and safe states, through one gate. */
export class Outputs {
  readonly #options: OutputsOptions;
  readonly #active = new Set<Active>();
  readonly #newest = new Map<number, Active>();
  readonly #levels = new Map<number, Level>();
  readonly #levelEntries: readonly TagEntry[];
  readonly #byName: ReadonlyMap<string, TagEntry>;
  #closing = false;

  constructor(options: OutputsOptions) {
    this.#options = options;
    this.#levelEntries = options.entries.filter((entry) => entry.tag.write?.kind === "level");
    this.#byName = new Map(options.entries.map((entry) => [`${entry.device.name}/${entry.tag.name}`, entry]));
  }

  /** Whether a command may write this value, or why not. Nothing is sent. */
  judge(entry: TagEntry, value: Value): Result<Passed, string> {
    if (this.#closing) return err("the master is stopping");
    if (this.#writesOf(entry.device) >= MOST_WRITES_PER_DEVICE)
      return err("busy: too many writes wait for this device");
    return this.#pass(entry, value, false);
  }

  /** Starts a command's write; its result is there once the cycles have carried it out. */
  command(entry: TagEntry, passed: Passed, sendBy: Instant): { readonly result: WriteResult | undefined } {
    return this.#begin(entry, passed, sendBy, "command");
  }

  /** Writes a heartbeat, unless the last one is still under way. Confirmed by its echo, never repeated. */
  heartbeat(entry: TagEntry, value: Value, sendBy: Instant): void {
    if (this.#newest.get(entry.index)?.write.result === undefined && this.#newest.has(entry.index)) return;
    const passed = this.#pass(entry, value, false);
    if (!passed.ok) return;
    const rule = { ...passed.value.rule, kind: "pulse", verify: { by: "echo" } } as const;
    this.#begin(entry, { ...passed.value, rule }, sendBy, "heartbeat");
  }

  /** A device that was away answers again. */
  returned(device: Device): void {
    const now = this.#options.clock.now();
    for (const entry of this.#levelEntries) {
      const rule = entry.tag.write;
      if (entry.device !== device || !rule) continue;
      this.#levels.set(entry.index, afterReturn(this.#level(entry), rule, now));
    }
  }

  /** Control phase: writes under way move on, levels that left their wanted value are corrected. */
  step(image: InputImage): void {
    for (const active of this.#active) {
      active.write.step(image);
      if (active.write.result) this.#finish(active, active.write.result);
    }
    if (!this.#closing) for (const entry of this.#levelEntries) this.#keep(entry, image);
  }

  /** Output phase: hands what is due to the lines; says how many writes. */
  flush(): number {
    let sent = 0;
    for (const { write, purpose } of this.#active) {
      if ((purpose === "safe" || this.#reachable(write.entry.device)) && write.flush()) sent++;
    }
    return sent;
  }

  /**
   * Begins to write the declared safe values and accepts nothing more. The cycles go on carrying them out; what is
   * still in the returned list when the master's deadline comes was not confirmed.
   */
  enterSafeState(sendBy: Instant): () => readonly { readonly entry: TagEntry; readonly reason: string }[] {
    this.#closing = true;
    for (const { write } of this.#active) write.withdraw("the master is stopping");
    const safe = this.#levelEntries.map((entry) => this.#makeSafe(entry, sendBy));
    return () => safe.flatMap((pending) => pending() ?? []);
  }

  /** Accepts nothing more and leaves the outputs as they are. */
  hold(): void {
    this.#closing = true;
    for (const { write } of this.#active) write.withdraw("the master is stopping");
  }

  get pending(): number {
    return this.#active.size;
  }

  #makeSafe(entry: TagEntry, sendBy: Instant): () => { entry: TagEntry; reason: string } | undefined {
    const safe = entry.tag.write?.safe;
    if (typeof safe !== "object") return () => undefined;
    const passed = this.#pass(entry, safe.value, true);
    if (!passed.ok) return () => ({ entry, reason: passed.failure });
    const write = this.#begin(entry, passed.value, sendBy, "safe");
    return () => {
      const { result } = write;
      const confirmed = result?.outcome === "verified" || result?.outcome === "acknowledged";
      return confirmed ? undefined : { entry, reason: result?.reason ?? "not confirmed in time" };
    };
  }

  #pass(entry: TagEntry, value: Value, evenOffline: boolean): Result<Passed, string> {
    const { permit, statusOf } = this.#options;
    return passGate(entry, this.#codec(entry), value, { permit, status: statusOf(entry.device.name), evenOffline });
  }

  #begin(entry: TagEntry, passed: Passed, sendBy: Instant, purpose: Purpose): OutputWrite {
    const { clock, lines } = this.#options;
    const line = lines.get(entry.device.line);
    invariant(line !== undefined, `no line ${entry.device.line}`);
    this.#newest.get(entry.index)?.write.withdraw("a newer value is wanted");
    const { verify } = passed.rule;
    const expected = verify.by === "expect" ? this.#byName.get(`${entry.device.name}/${verify.tag}`) : undefined;
    const write = new OutputWrite({ entry, codec: this.#codec(entry), passed, line, clock, sendBy, expected });
    const active = { write, purpose };
    this.#active.add(active);
    this.#newest.set(entry.index, active);
    return write;
  }

  #finish(active: Active, result: WriteResult): void {
    const { entry, value } = active.write;
    this.#active.delete(active);
    if (this.#newest.get(entry.index) === active) this.#newest.delete(entry.index);
    if (entry.tag.write?.kind !== "level") return;
    const now = this.#options.clock.now();
    if (active.purpose === "command") {
      this.#levels.set(entry.index, afterCommand(this.#level(entry), value, result.outcome, now));
    } else if (active.purpose === "correction") {
      this.#levels.set(entry.index, afterCorrection(this.#level(entry), result.outcome, now));
    }
  }

  #keep(entry: TagEntry, image: InputImage): void {
    const level = this.#levels.get(entry.index);
    const rule = entry.tag.write;
    if (!level || !rule || level.wanted === undefined || this.#newest.has(entry.index)) return;
    if (!this.#reachable(entry.device)) return;
    const now = this.#options.clock.now();
    const correction = correctionDue(level, image.sample(entry.index), rule, now);
    if (correction === undefined) return;
    const passed = this.#pass(entry, level.wanted, false);
    if (correction === "disagrees" && level.corrections === 0) this.#reportDisagreement(entry, level.wanted, image);
    if (passed.ok) this.#begin(entry, passed.value, plus(now, CORRECTION_SEND_BY), "correction");
  }

  #reportDisagreement(entry: TagEntry, wanted: Value, image: InputImage): void {
    const { value } = image.sample(entry.index);
    const fields = { device: entry.device.name, tag: entry.tag.name, wanted: String(wanted), found: String(value) };
    this.#options.logger.warn("level.disagrees", fields);
  }

  #level(entry: TagEntry): Level {
    return this.#levels.get(entry.index) ?? FREE_LEVEL;
  }

  #codec(entry: TagEntry): TagCodec {
    const codec = this.#options.codecs[entry.index];
    invariant(codec !== undefined, `no codec for tag ${entry.tag.name}`);
    return codec;
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
