import { succeeded } from "../../device/outcome.ts";
import type { Value } from "../../device/quality.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { LogFields } from "../../kit/logger.ts";
import type { Result } from "../../kit/result.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import type { PendingWrite } from "./active-write.ts";
import { agrees } from "../image/agreement.ts";
import { type Asking, ownAsking } from "./asking.ts";
import type { Permit } from "./permit.ts";

/** An output that is not known to be in its safe state. */
export interface UnconfirmedOutput {
  readonly entry: TagEntry;
  readonly reason: string;
}

export interface SafeStatesOptions {
  /** All levels. */
  readonly entries: readonly TagEntry[];
  readonly permit: Permit;
  readonly reachable: (entry: TagEntry) => boolean;
  /** What is on its way to the output or kept true there; undefined: nothing of ours. */
  readonly wanted: (entry: TagEntry) => Value | undefined;
  /** What of its `requires` does not hold now. */
  readonly interlock: (entry: TagEntry) => string | undefined;
  /** Writes it past all that waits; `keep`: it is what is wanted from now on. Or says why the gate lets nothing through. */
  readonly write: (entry: TagEntry, value: Value, how: SafeWrite) => Result<PendingWrite, string>;
  readonly warn: (event: string, fields: LogFields) => void;
}

interface SafeOutput {
  readonly entry: TagEntry;
  readonly value: Value;
}

export interface SafeWrite {
  readonly sendBy: Instant;
  readonly asking: Asking;
  readonly keep: boolean;
}

/** Once it is asked for while the plant runs, a safe value has to be sent within this. */
const SEND_BY = ms(1000);

/** Brings outputs to the safe values their profiles declare: at the end, without their interlock, on the loss of what they need. */
export class SafeStates {
  readonly #options: SafeStatesOptions;
  /** Those that have a safe value, and of them those that take it when what they require is gone. */
  readonly #outputs: readonly SafeOutput[];
  readonly #interlocked: readonly SafeOutput[];
  /** Those whose writes are to be told when they are not confirmed. */
  readonly #watched = new Map<TagEntry, PendingWrite>();

  constructor(options: SafeStatesOptions) {
    this.#options = options;
    this.#outputs = options.entries.flatMap((entry) => {
      const safe = entry.tag.write?.safe;
      return typeof safe === "object" ? [{ entry, value: safe.value }] : [];
    });
    this.#interlocked = this.#outputs.filter(({ entry }) => entry.tag.write?.requires.length);
  }

  /** At the end of the master. What is still in the returned list when its deadline comes was not confirmed. */
  enter(sendBy: Instant): () => readonly UnconfirmedOutput[] {
    const asking = { ...ownAsking("stop"), urgent: true };
    const pending = this.#declared().map(({ entry, value }) => {
      return { entry, written: this.#options.write(entry, value, { sendBy, asking, keep: false }) };
    });
    return () =>
      pending.flatMap(({ entry, written }): readonly UnconfirmedOutput[] => {
        if (!written.ok) return [{ entry, reason: written.failure }];
        const { result } = written.value;
        if (result && succeeded(result.outcome)) return [];
        return [{ entry, reason: result?.reason ?? "not confirmed in time" }];
      });
  }

  /** While the plant runs: everything that has a safe value takes it. Each that is not confirmed is told. */
  all(origin: string, now: Instant): void {
    for (const { entry, value } of this.#declared()) this.#take(entry, value, origin, now);
  }

  /** What is kept true, or on its way, although its interlock is gone takes its safe value. */
  step(now: Instant): void {
    this.#tellUnconfirmed();
    for (const output of this.#interlocked) {
      const { entry, value } = output;
      if (!this.#isOurs(output) || !this.#options.reachable(entry)) continue;
      const wanted = this.#options.wanted(entry);
      if (wanted === undefined || agrees(value, wanted, 0)) continue;
      const reason = this.#options.interlock(entry);
      if (reason === undefined) continue;
      this.#options.warn("output.tripped", { ...named(entry), wanted: String(wanted), safe: String(value), reason });
      this.#take(entry, value, "interlock", now);
    }
  }

  #declared(): readonly SafeOutput[] {
    return this.#outputs.filter((output) => this.#isOurs(output));
  }

  /** What this master may not write is not its to make safe. */
  #isOurs({ entry }: SafeOutput): boolean {
    return this.#options.permit(entry).granted;
  }

  #take(entry: TagEntry, value: Value, origin: string, now: Instant): void {
    const asking = { ...ownAsking(origin), urgent: true };
    const written = this.#options.write(entry, value, { sendBy: plus(now, SEND_BY), asking, keep: true });
    if (written.ok) this.#watched.set(entry, written.value);
    else this.#notSafe(entry, written.failure);
  }

  #tellUnconfirmed(): void {
    for (const [entry, { result }] of this.#watched) {
      if (!result) continue;
      this.#watched.delete(entry);
      if (!succeeded(result.outcome)) this.#notSafe(entry, result.reason ?? result.outcome);
    }
  }

  #notSafe(entry: TagEntry, reason: string): void {
    this.#options.warn("output.notSafe", { ...named(entry), reason });
  }
}

function named({ device, tag }: TagEntry): LogFields {
  return { device: device.name, tag: tag.name };
}
