import type { Sample, Value } from "../../device/quality.ts";
import { type Outcome, succeeded } from "../../device/outcome.ts";
import type { WriteRule } from "../../device/tag.ts";
import { doubling } from "../../kit/backoff.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import { agrees } from "../image/agreement.ts";

/** A wanted value that the master keeps true. `wanted` undefined: nobody asked; what the slave holds is taken. */
export interface Level {
  readonly wanted: Value | undefined;
  /** What was read before this says nothing about the last write. */
  readonly settledAt: Instant | undefined;
  /** The newest reading that showed it, as far as that was of interest. */
  readonly heldAt: Instant | undefined;
  /** Corrections in a row that did not help; that one did shows a reading after it. */
  readonly corrections: number;
  /** No correction before. */
  readonly notBefore: Instant | undefined;
}

export const FREE_LEVEL: Level = {
  wanted: undefined,
  settledAt: undefined,
  heldAt: undefined,
  corrections: 0,
  notBefore: undefined,
};

/** Between corrections that do not help. */
const PAUSES = { first: ms(200), most: ms(5000) };

/** What a command's outcome makes of the level: kept true from now on, left as it was, or given up. */
export function afterCommand(level: Level, value: Value, outcome: Outcome, at: Instant): Level {
  switch (outcome) {
    case "verified":
    case "acknowledged":
    case "unknown":
      return { ...FREE_LEVEL, wanted: value, settledAt: at };
    case "failed":
      return FREE_LEVEL;
    case "rejected":
    case "refused":
    case "expired":
      return level;
  }
}

/**
 * A correction that did not help, or that the gate did not let through, is tried again after a growing pause. What was
 * `disagreeing` before may read back well and still disagree at its turn: only a reading shows that it helped.
 */
export function afterCorrection(level: Level, outcome: Outcome, at: Instant, disagreeing: boolean): Level {
  if (!disagreeing && succeeded(outcome)) {
    return { ...level, settledAt: at, corrections: 0, notBefore: undefined };
  }
  const corrections = level.corrections + 1;
  return { ...level, settledAt: at, corrections, notBefore: plus(at, doubling(corrections, PAUSES)) };
}

/**
 * What a reading makes of the level. The connection to its unit was last lost and back at `brokenAt`: a value that does not
 * hold any more after that shows that the device was away, however short, and is not simply written again. Where the
 * value cannot be read, nothing shows that it was not.
 */
export function afterReading(
  level: Level,
  sample: Sample,
  rule: WriteRule,
  { brokenAt, now }: { readonly brokenAt: Instant | undefined; readonly now: Instant },
): Level {
  const broken = isBroken(level, brokenAt);
  if (!broken && level.corrections === 0) return level;
  const holds = shown(level, sample, rule, broken ? brokenAt : undefined);
  if (holds === true) return { ...level, heldAt: sample.sourceTime, corrections: 0, notBefore: undefined };
  const blind = rule.verify.by !== "readback" && isRefreshDue(level, rule, now);
  return broken && (holds === false || blind) ? afterReturn(level, rule, now) : level;
}

/** `wanted`: it has not been written since it became wanted. */
export type Correction = "wanted" | "disagrees" | "refresh";

/** Why the wanted value has to be written again now; undefined: it need not. Nothing is before a break is judged. */
export function correctionDue(
  level: Level,
  sample: Sample,
  rule: WriteRule,
  { brokenAt, now }: { readonly brokenAt: Instant | undefined; readonly now: Instant },
): Correction | undefined {
  const { wanted, settledAt, notBefore } = level;
  if (wanted === undefined || (notBefore !== undefined && now < notBefore)) return undefined;
  if (settledAt === undefined) return "wanted";
  if (isBroken(level, brokenAt)) return undefined;
  if (shown(level, sample, rule) === false) return "disagrees";
  return isRefreshDue(level, rule, now) ? "refresh" : undefined;
}

/** Nothing has shown the level since the break. */
function isBroken({ settledAt, heldAt }: Level, brokenAt: Instant | undefined): boolean {
  if (settledAt === undefined || brokenAt === undefined) return false;
  return Math.max(settledAt, heldAt ?? settledAt) < brokenAt;
}

function isRefreshDue({ settledAt }: Level, { refresh }: WriteRule, now: Instant): boolean {
  return refresh !== undefined && settledAt !== undefined && now >= plus(settledAt, refresh);
}

/** Whether a reading newer than the last write, and no older than `since`, shows the level; undefined: there is none. */
function shown({ wanted, settledAt }: Level, sample: Sample, rule: WriteRule, since?: Instant): boolean | undefined {
  if (wanted === undefined || rule.verify.by !== "readback" || sample.quality !== "good") return undefined;
  const { sourceTime } = sample;
  if (sourceTime === undefined || settledAt === undefined || sourceTime <= settledAt) return undefined;
  if (since !== undefined && sourceTime < since) return undefined;
  return agrees(wanted, sample.value, rule.verify.tolerance);
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
  return { ...FREE_LEVEL, wanted, notBefore: at };
}
