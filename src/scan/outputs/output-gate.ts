import type { DeviceStatus } from "../../device/device-status.ts";
import { isArrayValue, type Value } from "../../device/quality.ts";
import { mayAct, type Role } from "../../device/role.ts";
import type { WriteRule } from "../../device/tag.ts";
import { decodeCells, type TagCodec } from "../../device/tag-codec.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { agrees } from "../image/agreement.ts";
import type { Permit } from "./permit.ts";
import type { Encoded } from "../../device/write-steps.ts";

/** A write that has passed the gate: what goes on the wire, and what the slave will show of it. */
export interface Passed {
  readonly rule: WriteRule;
  readonly encoded: Encoded;
  /** The value as its registers hold it, rounded to their step. */
  readonly value: Value;
}

export interface GateView {
  readonly permit: Permit;
  readonly status: DeviceStatus["status"];
  /** Of who asks. */
  readonly role: Role;
  /** Orderly stops are tried on devices that do not answer, too. */
  readonly evenOffline: boolean;
  /** What of the output's `requires` does not hold now. */
  readonly interlock: () => string | undefined;
}

/**
 * The only door to a slave: whether `value` may be written to this tag now, or a sentence why not. Nothing is sent for
 * a refused value, and nothing is bent to fit.
 */
export function passGate(entry: TagEntry, codec: TagCodec, value: Value, view: GateView): Result<Passed, string> {
  const rule = entry.tag.write;
  if (!rule) return err("not writable");
  if (!mayAct(view.role, rule.role)) return err(`needs the role ${rule.role}; this is ${view.role}`);
  const permission = view.permit(entry);
  if (!permission.granted) return err(permission.reason);
  if (view.status === "disabled") return err("its device is out of service");
  if (!view.evenOffline && (view.status === "offline" || view.status === "connecting"))
    return err(`its device is ${view.status}`);
  const fitting = fitOutput(entry, codec, value);
  if (!fitting.ok || rule.requires.length === 0) return fitting;
  // Nothing may keep an output from its safe value.
  if (isSafe(fitting.value)) return fitting;
  const locked = view.interlock();
  return locked === undefined ? fitting : err(`interlocked: ${locked}`);
}

/** Whether this is the output's declared safe value. */
export function isSafe({ rule: { safe }, value }: Pick<Passed, "rule" | "value">): boolean {
  return typeof safe === "object" && agrees(safe.value, value, 0);
}

/** Whether `value` is one that this output can hold and may be given at all, or a sentence why not. */
export function fitOutput(entry: TagEntry, codec: TagCodec, value: Value): Result<Passed, string> {
  const rule = entry.tag.write;
  if (!rule) return err("not writable");
  const encoded = codec.encode(value);
  if (!encoded.ok) return encoded;
  const shown = decodeCells(codec, encoded.value).value;
  if (shown === null) return err(`${String(value)} means "no value" in this tag`);
  const outside = outsideRange(rule, shown, entry.tag.unit);
  return outside === undefined ? ok({ rule, encoded: encoded.value, value: shown }) : err(outside);
}

function outsideRange({ range }: WriteRule, value: Value, unit: string | undefined): string | undefined {
  if (!range) return undefined;
  const elements = isArrayValue(value) ? value : [value];
  const outside = elements.find((element) => Number(element) < range.min || Number(element) > range.max);
  if (outside === undefined) return undefined;
  return `${String(outside)} is outside ${range.min} to ${range.max}${unit === undefined ? "" : ` ${unit}`}`;
}
