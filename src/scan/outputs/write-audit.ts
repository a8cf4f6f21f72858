import type { WriteResult } from "../../device/outcome.ts";
import type { Value } from "../../device/quality.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import type { LogFields } from "../../kit/logger.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import type { Asking } from "./asking.ts";

/** Takes what is to be told of one write or command. */
export type Audit = (fields: LogFields) => void;

export interface AuditedWrite {
  readonly entry: TagEntry;
  readonly asking: Asking;
  /** What the output held before, as far as it was known. */
  readonly old: Value | null;
  readonly value: Value;
}

/** What the master writes of its own accord is told no more often than this for each output. */
const OWN_PAUSE = ms(1000);

/** Tells every write with its outcome: who, what, old and new value. */
export class WriteAudit {
  readonly #audit: Audit;
  readonly #own = new Map<TagEntry, { readonly at: Instant; untold: number }>();

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  told({ entry, asking, old, value }: AuditedWrite, { outcome, reason }: WriteResult, now: Instant): void {
    const own = asking.id === undefined;
    const untold = own ? this.#untold(entry, now) : 0;
    if (untold === undefined) return;
    this.#audit({
      what: "write",
      device: entry.device.name,
      tag: entry.tag.name,
      origin: asking.origin,
      by: asking.by,
      id: asking.id,
      old: plainValue(old),
      new: plainValue(value),
      outcome,
      reason,
      untold: untold > 0 ? untold : undefined,
    });
  }

  /** How many were not told since the last; undefined: this is one more. */
  #untold(entry: TagEntry, now: Instant): number | undefined {
    const last = this.#own.get(entry);
    if (last && now < plus(last.at, OWN_PAUSE)) {
      last.untold++;
      return undefined;
    }
    this.#own.set(entry, { at: now, untold: 0 });
    return last?.untold ?? 0;
  }
}

/** A value as a log and JSON can carry it. */
export function plainValue(value: Value | null): string | number | boolean | null {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  return typeof value === "object" ? `[${value.join(", ")}]` : String(value);
}
