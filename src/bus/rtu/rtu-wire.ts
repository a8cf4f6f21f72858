import { unreachable } from "../../kit/invariant.ts";
import { type Instant, type Ms, plus } from "../../kit/time.ts";
import type { RtuTiming } from "./rtu-timing.ts";

/** Who may talk on a line of RTU frames, and until when; `lastByte` is the newest byte that was seen or sent. */
export type RtuWire =
  /** Nobody; a frame may begin once it has been quiet for the frame gap. */
  | { readonly state: "quiet"; readonly lastByte: Instant }
  /** We; `then` is what follows once the frame has left: an answer may be faster than the news of that. */
  | {
      readonly state: "sending";
      readonly lastByte: Instant;
      readonly stuckAt: Instant;
      readonly then: "listen" | "quiet" | "drain";
    }
  /** The unit that was asked, until the deadline, which nothing moves. */
  | { readonly state: "awaiting"; readonly lastByte: Instant; readonly deadline: Instant; readonly damaged: boolean }
  /** Nobody; what comes answers nothing and is waited out. */
  | { readonly state: "draining"; readonly lastByte: Instant; readonly jammedAt: Instant }
  /** Nobody: every unit carries out a broadcast. */
  | { readonly state: "turnaround"; readonly lastByte: Instant; readonly until: Instant };

export type RtuWireEvent =
  /** A frame is being handed over that takes `duration` on the wire. */
  | { readonly kind: "transmitting"; readonly at: Instant; readonly duration: Ms }
  /** Its last byte left at `at`, which may lie ahead; for an answer there is time until `deadline`, a broadcast has none. */
  | { readonly kind: "sent"; readonly at: Instant; readonly now: Instant; readonly deadline: Instant | undefined }
  /** Bytes came; `damaged` when they end with an answer whose check sum is wrong. */
  | { readonly kind: "received"; readonly at: Instant; readonly damaged: boolean }
  /** The answer is complete. */
  | { readonly kind: "answered"; readonly at: Instant }
  /** It is not awaited any more, but may still come, or is just coming. */
  | { readonly kind: "failed"; readonly at: Instant }
  /** The silence or the turnaround that was waited for is over. */
  | { readonly kind: "settled" };

export function nextWire(wire: RtuWire, event: RtuWireEvent, timing: RtuTiming): RtuWire {
  switch (event.kind) {
    case "transmitting":
      return {
        state: "sending",
        lastByte: wire.lastByte,
        stuckAt: plus(plus(event.at, event.duration), timing.mostBlocked),
        then: "listen",
      };
    case "sent":
      return afterSending(wire, event, timing);
    case "received":
      return afterBytes(wire, event, timing);
    case "answered":
      if (wire.state === "sending") return { ...wire, then: "quiet" };
      return { state: "quiet", lastByte: later(wire.lastByte, event.at) };
    case "failed":
      if (wire.state === "sending") return { ...wire, then: "drain" };
      return draining(wire.lastByte, event.at, timing);
    case "settled":
      return { state: "quiet", lastByte: wire.lastByte };
    default:
      return unreachable(event);
  }
}

/** From when on a frame may begin; undefined while nobody knows. */
export function clearAt(wire: RtuWire, timing: RtuTiming): Instant | undefined {
  return wire.state === "quiet" ? plus(wire.lastByte, timing.frameGap) : undefined;
}

/** What the passing of time will mean, if nothing else happens before. */
export interface WireAlarm {
  readonly at: Instant;
  readonly meaning: "stuck" | "timeout" | "damaged" | "settled" | "jammed";
}

export function wireAlarm(wire: RtuWire, timing: RtuTiming): WireAlarm | undefined {
  const silentAt = plus(wire.lastByte, timing.settled);
  switch (wire.state) {
    case "quiet":
      return undefined;
    case "sending":
      return { at: wire.stuckAt, meaning: "stuck" };
    case "awaiting":
      if (wire.damaged && silentAt < wire.deadline) return { at: silentAt, meaning: "damaged" };
      return { at: wire.deadline, meaning: "timeout" };
    case "draining":
      if (silentAt <= wire.jammedAt) return { at: silentAt, meaning: "settled" };
      return { at: wire.jammedAt, meaning: "jammed" };
    case "turnaround":
      return { at: wire.until, meaning: "settled" };
    default:
      return unreachable(wire);
  }
}

function afterSending(wire: RtuWire, event: RtuWireEvent & { readonly kind: "sent" }, timing: RtuTiming): RtuWire {
  if (wire.state !== "sending") return wire;
  const lastByte = later(wire.lastByte, event.at);
  if (wire.then === "quiet") return { state: "quiet", lastByte };
  if (wire.then === "drain") return draining(lastByte, event.now, timing);
  if (event.deadline !== undefined) return { state: "awaiting", lastByte, deadline: event.deadline, damaged: false };
  return { state: "turnaround", lastByte, until: plus(event.at, timing.broadcastTurnaround) };
}

function afterBytes(wire: RtuWire, event: RtuWireEvent & { readonly kind: "received" }, timing: RtuTiming): RtuWire {
  const lastByte = later(wire.lastByte, event.at);
  switch (wire.state) {
    case "quiet":
      return draining(lastByte, event.at, timing);
    case "awaiting":
      return { ...wire, lastByte, damaged: event.damaged };
    case "sending":
    case "draining":
    case "turnaround":
      return { ...wire, lastByte };
    default:
      return unreachable(wire);
  }
}

/** Silence counts from now on, whatever was before: what we gave up may be about to begin. */
function draining(lastByte: Instant, now: Instant, timing: RtuTiming): RtuWire {
  return { state: "draining", lastByte: later(lastByte, now), jammedAt: plus(now, timing.mostTalk) };
}

function later(one: Instant, other: Instant): Instant {
  return one > other ? one : other;
}
