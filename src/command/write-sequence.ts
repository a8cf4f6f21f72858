import { succeeded, type WriteResult } from "../device/outcome.ts";
import { mayFollow } from "../device/merge-writes.ts";
import type { Value } from "../device/quality.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Instant } from "../kit/time.ts";
import type { Asking, Outputs, PendingWrite } from "../scan/outputs/outputs.ts";

export interface Part {
  readonly entry: TagEntry;
  readonly value: Value;
}

/** Parts begun together: half of what may be under way for one device, so that others may still command it. */
const MOST_TOGETHER = 16;

/** Until when the next part has to leave, by how many were sent before it. */
export type SendBy = (before: number) => Instant;

/** A part on its way. */
interface Begun {
  readonly part: Part;
  readonly write: PendingWrite;
}

/**
 * Writes one part after the other, each after the outcome of the one before, save that outputs which may be written in one
 * request are begun together; what follows a write that did not succeed is not sent.
 */
export class WriteSequence {
  readonly #parts: readonly Part[];
  readonly #outputs: Outputs;
  readonly #asking: Asking;
  readonly #results = new Map<Part, WriteResult>();
  #current: readonly Begun[] = [];
  #fault: string | undefined;

  constructor(parts: readonly Part[], outputs: Outputs, asking: Asking) {
    this.#parts = parts;
    this.#outputs = outputs;
    this.#asking = asking;
  }

  /** Moves on as far as the writes have. */
  step(sendBy: SendBy): void {
    if (this.done) return;
    for (const [index, { part, write }] of this.#current.entries()) {
      if (!write.result) continue;
      this.#settle(part, write.result);
      if (this.#fault !== undefined)
        for (const next of this.#current.slice(index + 1)) next.write.withdraw(this.#fault);
    }
    this.#current = this.#current.filter(({ write }) => !write.result);
    if (this.#current.length === 0 && this.#fault === undefined) this.#begin(sendBy(this.#results.size));
  }

  /** Everything has its outcome, or is not sent any more. */
  get done(): boolean {
    return this.#current.length === 0 && (this.#fault !== undefined || this.#results.size === this.#parts.length);
  }

  /** Why it went no further; undefined: every part succeeded so far. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** No further try and no further part: what is under way is settled by its own answer. */
  withdraw(reason: string): void {
    this.#fault ??= reason;
    for (const { write } of this.#current) write.withdraw(reason);
  }

  /** What its write became nobody will learn any more. */
  end(reason: string): void {
    for (const { part, write } of this.#current)
      this.#settle(part, write.result ?? { outcome: "unknown", reason, sent: undefined, readback: undefined });
    this.#current = [];
    this.#fault ??= reason;
  }

  /** Of every part, in order; those that were not begun are rejected. */
  get results(): readonly (readonly [tag: string, result: WriteResult])[] {
    return this.#parts.map((part) => {
      return [part.entry.tag.name, this.#results.get(part) ?? rejected(`not sent: ${this.#fault ?? ""}`)];
    });
  }

  /** Of those that were begun. */
  get begun(): readonly WriteResult[] {
    return [...this.#results.values()];
  }

  /** Begins the next part, and with it those that may go in the same request. */
  #begin(sendBy: Instant): void {
    const begun: Begun[] = [];
    for (const part of this.#parts.slice(this.#results.size)) {
      const { entry, value } = part;
      const before = begun.map((each) => each.part.entry);
      if (before.length > 0 && (before.length >= MOST_TOGETHER || !mayFollow(before, entry))) break;
      const judged = this.#outputs.judge(entry, value, this.#asking);
      if (!judged.ok) {
        // Behind another one it is judged anew when that has its outcome.
        if (before.length === 0) this.#reject(part, judged.failure);
        break;
      }
      const how = { sendBy, asking: this.#asking, behind: begun.at(-1)?.write };
      begun.push({ part, write: this.#outputs.command(entry, judged.value, how) });
    }
    this.#current = begun;
  }

  #reject(part: Part, reason: string): void {
    this.#results.set(part, rejected(reason));
    this.#fault = `${part.entry.tag.name} was rejected`;
  }

  #settle(part: Part, result: WriteResult): void {
    this.#results.set(part, result);
    if (!succeeded(result.outcome)) this.#fault ??= `${part.entry.tag.name} was not written as wanted`;
  }
}

function rejected(reason: string): WriteResult {
  return { outcome: "rejected", reason, sent: undefined, readback: undefined };
}
