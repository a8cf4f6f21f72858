import type { AlarmRule } from "../device/alarm.ts";
import { unreachable } from "../kit/invariant.ts";
import { type Instant, instant, plus } from "../kit/time.ts";

/**
 * The states of ANSI/ISA-18.2-2016, figure 4: normal; unacknowledged and acknowledged, in which the cause stands; returned:
 * the cause is gone and nobody has seen it; latched: the cause is gone and the alarm stays active until a person says so.
 */
export const ALARM_STATES = ["normal", "unacknowledged", "acknowledged", "returned", "latched"] as const;

export type AlarmStateName = (typeof ALARM_STATES)[number];

/** Whether the cause stands; unknown where an input is not good. */
export type Cause = "standing" | "gone" | "unknown";

export interface AlarmState {
  readonly state: AlarmStateName;
  /** In this state. */
  readonly since: Instant;
  /** Since when the cause has said otherwise than the state, for the delays; undefined: it does not. */
  readonly turning: Instant | undefined;
}

export type AlarmEvent =
  | { readonly kind: "looked"; readonly cause: Cause; readonly at: Instant }
  | { readonly kind: "acknowledged"; readonly at: Instant };

export const NORMAL: AlarmState = { state: "normal", since: instant(0), turning: undefined };

/** What becomes of an alarm. An unknown cause changes nothing: it neither raises nor clears. */
export function nextAlarm(
  alarm: AlarmState,
  event: AlarmEvent,
  rule: Pick<AlarmRule, "after" | "clearAfter" | "latch">,
): AlarmState {
  if (event.kind === "acknowledged") return acknowledged(alarm, event.at);
  switch (event.cause) {
    case "unknown":
      // an off-delay begins anew: what stood meanwhile nobody saw. An on-delay goes on.
      return stands(alarm) && alarm.turning !== undefined ? { ...alarm, turning: undefined } : alarm;
    case "standing":
      return stands(alarm) ? settled(alarm) : turned(alarm, event.at, rule.after, "unacknowledged");
    case "gone":
      return stands(alarm) ? turned(alarm, event.at, rule.clearAfter, gone(alarm, rule)) : settled(alarm);
    default:
      return unreachable(event.cause);
  }
}

/** The cause stands, as far as the state says. */
export function stands({ state }: AlarmState): boolean {
  return state === "unacknowledged" || state === "acknowledged";
}

/** Nobody has acknowledged it, or has to once more. */
export function wantsAcknowledgement({ state }: AlarmState): boolean {
  return state === "unacknowledged" || state === "returned" || state === "latched";
}

function acknowledged(alarm: AlarmState, at: Instant): AlarmState {
  switch (alarm.state) {
    case "unacknowledged":
      return { ...alarm, state: "acknowledged", since: at };
    case "returned":
    case "latched":
      return { ...alarm, state: "normal", since: at };
    case "normal":
    case "acknowledged":
      return alarm;
    default:
      return unreachable(alarm.state);
  }
}

function gone({ state }: AlarmState, { latch }: Pick<AlarmRule, "latch">): AlarmStateName {
  if (latch) return "latched";
  return state === "acknowledged" ? "normal" : "returned";
}

function turned(alarm: AlarmState, at: Instant, delay: AlarmRule["after"], to: AlarmStateName): AlarmState {
  const turning = alarm.turning ?? at;
  return at >= plus(turning, delay) ? { state: to, since: at, turning: undefined } : { ...alarm, turning };
}

/** The cause says what the state says. */
function settled(alarm: AlarmState): AlarmState {
  return alarm.turning === undefined ? alarm : { ...alarm, turning: undefined };
}
