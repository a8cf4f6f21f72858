import type { AlarmStatus } from "../../alarm/alarm-status.ts";
import type { WallTime } from "../../kit/time.ts";

/** All alarms of a device that are not normal; an empty list says that there is none. */
export function alarmsPayload(alarms: readonly AlarmStatus[], now: WallTime): string {
  const told = alarms.map(({ alarm, state, priority, text, raised, since, unknown, by }) => ({
    alarm,
    state,
    priority,
    text,
    raised,
    since,
    by,
    unknown: unknown || undefined,
  }));
  return JSON.stringify({ ts: Math.round(now), alarms: told });
}
