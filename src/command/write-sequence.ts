import { succeeded, type WriteResult } from "../device/outcome.ts";
import type { Value } from "../device/quality.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Instant } from "../kit/time.ts";
import type { Asking, Outputs, PendingWrite } from "../scan/outputs.ts";

export interface Part {
  readonly entry: TagEntry;
  readonly value: Value;
}

/** Until when the next part has to leave, by how many were sent before it. */
export type SendBy = (before: number) => Instant;

/**
 * Writes one part after the other, each after the outcome of the one before; what follows a write that did not succeed is
 * not sent.
 */
export class WriteSequence {
  readonly #parts: readonly Part[];
  readonly #outputs: Outputs;
  readonly #asking: Asking;
  readonly #results = new Map<Part, WriteResult>();
  #current: { readonly part: Part; readonly write: PendingWrite } | undefined;
  #fault: string | undefined;

  constructor(parts: readonly Part[], outputs: Outputs, asking: Asking) {
    this.#parts = parts;
    this.#outputs = outputs;
    this.#asking = asking;
  }

  /** Moves on as far as the writes have. */
  step(sendBy: SendBy): void {
    if (this.done) return;
    if (this.#current) {
      const { part, write } = this.#current;
      if (!write.result) return;
      this.#settle(part, write.result);
      this.#current = undefined;
    }
    const next = this.#parts[this.#results.size];
    if (next && this.#fault === undefined) this.#begin(next, sendBy(this.#results.size));
  }

  /** Everything has its outcome, or is not sent any more. */
  get done(): boolean {
    return !this.#current && (this.#fault !== undefined || this.#results.size === this.#parts.length);
  }

  /** Why it went no further; undefined: every part succeeded so far. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** No further try and no further part: what is under way is settled by its own answer. */
  withdraw(reason: string): void {
    this.#fault ??= reason;
    this.#current?.write.withdraw(reason);
  }

  /** What its write became nobody will learn any more. */
  end(reason: string): void {
    if (this.#current) {
      const { part, write } = this.#current;
      this.#settle(part, write.result ?? { outcome: "unknown", reason, sent: undefined, readback: undefined });
      this.#current = undefined;
    }
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

  #begin(part: Part, sendBy: Instant): void {
    const { entry, value } = part;
    const judged = this.#outputs.judge(entry, value, this.#asking);
    if (judged.ok) {
      this.#current = { part, write: this.#outputs.command(entry, judged.value, sendBy, this.#asking) };
      return;
    }
    this.#results.set(part, rejected(judged.failure));
    this.#fault = `${entry.tag.name} was rejected`;
  }

  #settle(part: Part, result: WriteResult): void {
    this.#results.set(part, result);
    if (!succeeded(result.outcome)) this.#fault ??= `${part.entry.tag.name} was not written as wanted`;
  }
}

function rejected(reason: string): WriteResult {
  return { outcome: "rejected", reason, sent: undefined, readback: undefined };
}
