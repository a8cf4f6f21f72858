import type { AlarmRule } from "../device/alarm.ts";
import { PRIORITIES } from "../device/alarm.ts";
import type { Device } from "../device/profile.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Clock } from "../kit/clock.ts";
import type { LogFields } from "../kit/logger.ts";
import { type Instant, instant, type WallTime, wallTime } from "../kit/time.ts";
import type { Kept } from "../scan/devices/kept.ts";
import type { InputImage } from "../scan/image/process-image.ts";
import { AlarmCause } from "./alarm-cause.ts";
import {
  ALARM_STATES,
  type AlarmState,
  type AlarmStateName,
  type Cause,
  nextAlarm,
  NORMAL,
  stands,
  wantsAcknowledgement,
} from "./alarm-machine.ts";
import { type AcknowledgeRequest, type AlarmCounters, type AlarmStatus, GATEWAY } from "./alarm-status.ts";

export interface AlarmsOptions {
  readonly devices: Iterable<Device>;
  readonly entries: readonly TagEntry[];
  readonly image: InputImage;
  readonly clock: Clock;
  /** Told of every change of state. */
  readonly tell: (event: string, fields: LogFields) => void;
  /** Takes all alarms of a device that are not normal, most urgent first, whenever one of them changed. */
  readonly list: (device: string, alarms: readonly AlarmStatus[]) => void;
  /** What was kept when the master ended, by `device/alarm`. */
  readonly recalled: ReadonlyMap<string, unknown>;
  readonly keep: (kept: Kept) => void;
}

/** One alarm in the running scan. */
interface AlarmRun {
  readonly device: string;
  readonly rule: AlarmRule;
  readonly look: () => Cause;
  state: AlarmState;
  /** Wall times are taken once: what is told of an alarm again is the same, whatever the clocks did meanwhile. */
  raised: WallTime;
  since: WallTime;
  unknown: boolean;
  by: string | undefined;
}

/** An alarm of a program: raised while `set(true)` stands. */
export interface RaisedAlarm {
  /** Undefined: not known, the alarm stays as it is. */
  set(cause: boolean | undefined): void;
}

/** What a change of state is called in `_gw/event`. */
const EVENTS: Readonly<Record<AlarmStateName, string>> = {
  unacknowledged: "alarm.raised",
  acknowledged: "alarm.acknowledged",
  returned: "alarm.returned",
  latched: "alarm.latched",
  normal: "alarm.cleared",
};

/** All alarms of a plant, looked at once a cycle on the frozen image. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #runs: AlarmRun[] = [];
  /** Devices of which an alarm changed since their list was told. */
  readonly #changed = new Set<string>();
  #raised = 0;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    for (const device of options.devices) {
      const tags = new Map(
        options.entries.filter((entry) => entry.device === device).map((entry) => [entry.tag.name, entry]),
      );
      const view = { image: options.image, find: (tag: string) => tags.get(tag) };
      for (const rule of device.profile.alarms.values()) {
        const cause = new AlarmCause(rule.when, view);
        this.#add(device.name, rule, () => cause.look());
      }
      this.#changed.add(device.name);
    }
    this.#changed.add(GATEWAY);
  }

  /** An alarm that a program raises, of the gateway. Until its cause is set it is not known. */
  own(rule: AlarmRule): RaisedAlarm {
    let cause: Cause = "unknown";
    this.#add(GATEWAY, rule, () => cause);
    return {
      set: (standing) => {
        cause = standing === undefined ? "unknown" : standing ? "standing" : "gone";
      },
    };
  }

  /** Control phase: looks at every cause, and tells what changed. */
  step(now: Instant): void {
    for (const run of this.#runs) {
      const cause = run.look();
      this.#become(run, nextAlarm(run.state, { kind: "looked", cause, at: now }, run.rule), undefined);
      const unknown = cause === "unknown" && run.state.state !== "normal";
      if (unknown !== run.unknown) this.#changed.add(run.device);
      run.unknown = unknown;
    }
    for (const device of this.#changed) this.#options.list(device, this.#listOf(device));
    this.#changed.clear();
  }

  /** Says of every device again what its alarms are: for a listener that starts afresh. */
  resend(): void {
    for (const { device } of this.#runs) this.#changed.add(device);
  }

  /** Gives how many alarms it acknowledged; one that wants none is passed over. */
  acknowledge({ device, alarms, by }: AcknowledgeRequest): number {
    const meant = this.#runs.filter(
      (run) => run.device === device && (!alarms || alarms.includes(run.rule.name)) && wantsAcknowledgement(run.state),
    );
    const at = this.#options.clock.now();
    for (const run of meant) this.#become(run, nextAlarm(run.state, { kind: "acknowledged", at }, run.rule), by);
    return meant.length;
  }

  counters(): AlarmCounters {
    const states = this.#runs.map(({ state }) => state);
    return {
      active: states.filter((state) => stands(state) || state.state === "latched").length,
      unacknowledged: states.filter(wantsAcknowledgement).length,
      raised: this.#raised,
    };
  }

  #add(device: string, rule: AlarmRule, look: () => Cause): void {
    const { clock, recalled } = this.#options;
    const before = recalledState(recalled.get(`${device}/${rule.name}`), clock);
    const fresh = { state: NORMAL, raised: wallTime(0), since: wallTime(0), by: undefined };
    this.#runs.push({ device, rule, look, unknown: false, ...(before ?? fresh) });
  }

  #become(run: AlarmRun, next: AlarmState, by: string | undefined): void {
    const { state } = run.state;
    run.state = next;
    if (next.state === state) return;
    const { clock } = this.#options;
    run.since = wallTime(Math.round(next.since + (clock.wall() - clock.now())));
    if (next.state === "unacknowledged") {
      run.raised = run.since;
      run.by = undefined;
      this.#raised++;
    }
    run.by = by ?? run.by;
    const { device, rule } = run;
    this.#changed.add(device);
    const fields = { device, alarm: rule.name, priority: rule.priority, text: rule.text, from: state };
    this.#options.tell(EVENTS[next.state], by === undefined ? fields : { ...fields, by });
    this.#options.keep({ shelf: "alarms", key: `${device}/${rule.name}`, value: this.#kept(run) });
  }

  #kept({ state, since, raised, by }: AlarmRun): unknown {
    return state.state === "normal" ? undefined : { state: state.state, since, raised, by };
  }

  #listOf(device: string): readonly AlarmStatus[] {
    return this.#runs
      .filter((run) => run.device === device && run.state.state !== "normal")
      .toSorted((one, other) => urgency(other) - urgency(one) || one.raised - other.raised)
      .map(({ rule, state, raised, since, unknown, by }) => ({
        alarm: rule.name,
        state: state.state,
        priority: rule.priority,
        text: rule.text,
        raised,
        since,
        unknown,
        by,
      }));
  }
}

function urgency({ rule }: AlarmRun): number {
  return PRIORITIES.indexOf(rule.priority);
}

/** An alarm as it stood when the master ended; undefined where it was normal, or where that is not to be read. */
function recalledState(value: unknown, clock: Clock): Pick<AlarmRun, "state" | "raised" | "since" | "by"> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  const state = ALARM_STATES.find((name) => name === given["state"]);
  const { since, raised, by } = given;
  if (state === undefined || typeof since !== "number" || typeof raised !== "number") return undefined;
  const offset = clock.wall() - clock.now();
  return {
    state: { state, since: instant(since - offset), turning: undefined },
    raised: wallTime(Math.round(raised)),
    since: wallTime(Math.round(since)),
    by: typeof by === "string" ? by : undefined,
  };
}
