import type { AlarmStatus } from "../alarm/alarm-status.ts";
import type { Ms, WallTime } from "../kit/time.ts";

/** All alarms of a device that are not normal; an empty list says that there is none. `wallOffset`: wall time minus monotonic time. */
export function alarmsPayload(alarms: readonly AlarmStatus[], now: WallTime, wallOffset: Ms): string {
  const told = alarms.map(({ alarm, state, priority, text, raised, since, unknown, by }) => ({
    alarm,
    state,
    priority,
    text,
    raised: Math.round(raised + wallOffset),
    since: Math.round(since + wallOffset),
    by,
    unknown: unknown || undefined,
  }));
  return JSON.stringify({ ts: Math.round(now), alarms: told });
}
