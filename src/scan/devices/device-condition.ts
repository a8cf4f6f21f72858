import type { LineState } from "../../bus/line/line.ts";
import type { DeviceHealth } from "../../device/health.ts";
import type { DeviceStatus } from "../../device/device-status.ts";
import { between, type Instant, ms } from "../../kit/time.ts";
import { describeFailure, type Failure } from "../../modbus/failure.ts";

/** A line that is down this long takes its devices offline; a shorter break only ages their values. */
const LINE_GRACE = ms(1000);

/** What is known of a device at a latch. */
export interface DeviceView {
  readonly now: Instant;
  readonly disabled: boolean;
  /** When it was last put into service; what it answered before says nothing. */
  readonly enabledAt: Instant;
  readonly line: LineState;
  readonly lineName: string;
  /** Since when the line is down; undefined: it is up. */
  readonly downSince: Instant | undefined;
  readonly health: DeviceHealth;
  /** Last answer of the unit; undefined: none yet. */
  readonly answeredAt: Instant | undefined;
  /** False where the profile has nothing that could be read. */
  readonly readable: boolean;
  readonly lastFailure: Failure | undefined;
  /** It has answered nothing but "busy" (exception 06) several times in a row. */
  readonly busy: boolean;
  /** Names of the tags the device refuses. */
  readonly refused: readonly string[];
  readonly before: DeviceStatus["status"];
}

export type Condition = Pick<DeviceStatus, "status" | "reason">;

/** How a device stands, and why it is not online. */
export function deviceCondition(view: DeviceView): Condition {
  if (view.disabled) return { status: "disabled", reason: "out of service" };
  if (view.line.state === "down") return onDownLine(view, view.line.reason);
  if (view.health.state === "offline") return { status: "offline", reason: lastFailureOf(view) };
  if (view.readable && !answeredOn(view, view.line.since)) return waiting(view);
  if (view.busy) return { status: "degraded", reason: "busy (exception 06)" };
  if (view.refused.length > 0) return { status: "degraded", reason: `refuses ${view.refused.join(", ")}` };
  return { status: "online", reason: undefined };
}

function onDownLine(view: DeviceView, why: string): Condition {
  const down = view.downSince === undefined ? 0 : between(view.downSince, view.now);
  const reason = `line ${view.lineName} is down: ${why}`;
  if (down >= LINE_GRACE) return { status: "offline", reason };
  return view.before === "disabled" ? { status: "connecting", reason } : keep(view, reason);
}

function answeredOn(view: DeviceView, lineUpSince: Instant): boolean {
  return view.answeredAt !== undefined && view.answeredAt >= Math.max(lineUpSince, view.enabledAt);
}

/** The line is up and the unit has not answered on it yet: what it was before still holds. */
function waiting(view: DeviceView): Condition {
  return keep(view, view.before === "offline" ? lastFailureOf(view) : "no answer yet");
}

function keep({ before }: DeviceView, reason: string): Condition {
  if (before === "online") return { status: "online", reason: undefined };
  return { status: before === "disabled" ? "connecting" : before, reason };
}

function lastFailureOf({ lastFailure }: DeviceView): string {
  return lastFailure === undefined ? "no answer" : describeFailure(lastFailure);
}
