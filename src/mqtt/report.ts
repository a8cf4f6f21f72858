import type { Value } from "../device/quality.ts";
import type { ReportRule } from "../device/tag.ts";
import type { Instant } from "../kit/time.ts";
import type { SampleChange } from "../link/messages.ts";

/** What was last told of a tag, and when. */
export interface Reported {
  readonly sample: SampleChange;
  readonly at: Instant;
}

/** `later`: worth telling, but not before its minimum interval is over; ask again then. */
export type ReportVerdict = "now" | "later" | "no";

/**
 * Report by exception. A change of quality is always told at once; a change of the value when it is more than the
 * deadband, not more often than `minInterval` (what is then newest still gets out); anything after `maxInterval`.
 */
export function judgeReport(
  rule: ReportRule,
  reported: Reported | undefined,
  sample: SampleChange,
  now: Instant,
): ReportVerdict {
  if (!reported) return "now";
  const last = reported.sample;
  if (sample.quality !== last.quality || sample.reason !== last.reason) return "now";
  const silent = now - reported.at;
  if (rule.maxInterval !== undefined && silent >= rule.maxInterval) return "now";
  if (!differs(sample.value, last.value, rule.deadband)) return "no";
  return silent >= rule.minInterval ? "now" : "later";
}

function differs(value: Value | null, other: Value | null, deadband: number): boolean {
  if (typeof value === "number" && typeof other === "number") return Math.abs(value - other) > deadband;
  if (typeof value === "bigint" && typeof other === "bigint") return differsExactly(value, other, deadband);
  if (isArray(value) && isArray(other)) {
    return (
      value.length !== other.length || value.some((scalar, index) => differs(scalar, other[index] ?? null, deadband))
    );
  }
  return value !== other;
}

/** The difference of two 64-bit integers is exact before it is compared. */
function differsExactly(value: bigint, other: bigint, deadband: number): boolean {
  const difference = value > other ? value - other : other - value;
  return Number(difference) > deadband;
}

function isArray(value: Value | null): value is Extract<Value, readonly unknown[]> {
  return Array.isArray(value);
}
