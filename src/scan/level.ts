import type { Sample, Value } from "../device/quality.ts";
import type { Outcome } from "../device/outcome.ts";
import type { WriteRule } from "../device/tag.ts";
import { type Instant, type Ms, ms, plus } from "../kit/time.ts";
import { agrees } from "./agreement.ts";

/** A wanted value that the master keeps true. `wanted` undefined: nobody asked; what the slave holds is taken. */
export interface Level {
  readonly wanted: Value | undefined;
  /** What was read before this says nothing about the last write. */
  readonly settledAt: Instant | undefined;
  /** Corrections in a row that did not help. */
  readonly corrections: number;
  /** No correction before. */
  readonly notBefore: Instant | undefined;
}

export const FREE_LEVEL: Level = { wanted: undefined, settledAt: undefined, corrections: 0, notBefore: undefined };

const FIRST_PAUSE = ms(200);
const LONGEST_PAUSE = ms(5000);

/** What a command's outcome makes of the level: kept true from now on, left as it was, or given up. */
export function afterCommand(level: Level, value: Value, outcome: Outcome, at: Instant): Level {
  switch (outcome) {
    case "verified":
    case "acknowledged":
    case "unknown":
      return { wanted: value, settledAt: at, corrections: 0, notBefore: undefined };
    case "failed":
      return FREE_LEVEL;
    case "rejected":
    case "refused":
    case "expired":
      return level;
  }
}

/** A correction that did not help, or that the gate did not let through, is tried again after a growing pause. */
export function afterCorrection(level: Level, outcome: Outcome, at: Instant): Level {
  if (outcome === "verified" || outcome === "acknowledged") {
    return { ...level, settledAt: at, corrections: 0, notBefore: undefined };
  }
  return { ...level, settledAt: at, corrections: level.corrections + 1, notBefore: plus(at, pause(level.corrections)) };
}

/** `wanted`: it has not been written since it became wanted. */
export type Correction = "wanted" | "disagrees" | "refresh";

/** Why the wanted value has to be written again now; undefined: it need not. */
export function correctionDue(level: Level, sample: Sample, rule: WriteRule, now: Instant): Correction | undefined {
  const { wanted, settledAt, notBefore } = level;
  if (wanted === undefined || (notBefore !== undefined && now < notBefore)) return undefined;
  if (settledAt === undefined) return "wanted";
  if (disagrees(wanted, settledAt, sample, rule)) return "disagrees";
  return rule.refresh !== undefined && now >= plus(settledAt, rule.refresh) ? "refresh" : undefined;
}

function disagrees(wanted: Value, settledAt: Instant, sample: Sample, rule: WriteRule): boolean {
  if (rule.verify.by !== "readback" || sample.quality !== "good") return false;
  if (sample.sourceTime === undefined || sample.sourceTime <= settledAt) return false;
  return !agrees(wanted, sample.value, rule.verify.tolerance);
}

/** What the level wants after its device was away. `safe`: nothing starts by itself after a power cut. */
export function afterReturn(level: Level, rule: WriteRule, at: Instant): Level {
  switch (rule.onReturn) {
    case "hold":
      return FREE_LEVEL;
    case "reassert":
      return level.wanted === undefined ? FREE_LEVEL : due(level.wanted, at);
    case "safe":
      return typeof rule.safe === "object" ? due(rule.safe.value, at) : FREE_LEVEL;
  }
}

/** Wanted, and not known to hold: written at the next turn. */
function due(wanted: Value, at: Instant): Level {
  return { wanted, settledAt: undefined, corrections: 0, notBefore: at };
}

function pause(corrections: number): Ms {
  return ms(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(corrections, 20)));
}
