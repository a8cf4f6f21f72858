import type { AlarmRule } from "../../device/alarm.ts";
import { PRIORITIES } from "../../device/alarm.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { parseDuration } from "../../kit/duration.ts";
import { ms, type Ms } from "../../kit/time.ts";
import { ProgramError } from "./program-error.ts";

/** An alarm as a program names it. */
export interface ProgramAlarm {
  /** What is wrong, for the operator. */
  readonly text: string;
  /** `medium` */
  readonly priority?: AlarmRule["priority"];
  /** On-delay, `"2s"`; none. */
  readonly after?: string;
  /** Off-delay; none. */
  readonly clearAfter?: string;
  readonly latch?: boolean;
}

export type ProgramAlarmRecord = Readonly<Record<string, ProgramAlarm>>;

/** One alarm where it is raised and listed. */
export interface AlarmCauseSetter {
  /** Undefined: nobody knows, the alarm stays as it is. */
  set(cause: boolean | undefined): void;
}

/** Opens an alarm of a program. The composition root supplies it. */
export type OpenAlarm = (rule: AlarmRule) => AlarmCauseSetter;

/** Nobody hears. */
export const unheard: OpenAlarm = () => ({ set: () => undefined });

/** Alarms that takt itself raises of every program: {@link ProgramWatch}. */
export const OWN_ALARMS = ["stopped", "blind", "overBudget"] as const;

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const KEYS = ["text", "priority", "after", "clearAfter", "latch"];

/** Throws what is wrong with the alarms that a program names. */
export function checkAlarms(alarms: ProgramAlarmRecord): void {
  for (const [name, alarm] of Object.entries(alarms)) {
    if (!NAME.test(name)) throw new TypeError(`alarm "${name}": a name has letters, digits and _, a letter first`);
    if (OWN_ALARMS.some((own) => own === name)) throw new TypeError(`alarm ${name}: takt raises this one by itself`);
    ruleOf(name, name, alarm);
  }
}

function ruleOf(full: string, name: string, alarm: ProgramAlarm): AlarmRule {
  const wrong = (what: string): never => {
    throw new TypeError(`alarm ${name}: ${what}`);
  };
  const { text, priority = "medium", after, clearAfter, latch = false } = alarm;
  const unknown = Object.keys(alarm).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) wrong(`unknown key "${unknown}"; ${didYouMean(unknown, KEYS)}`);
  if (typeof text !== "string" || text === "") wrong(`needs a text, as in { text: "Box lost" }`);
  if (!PRIORITIES.includes(priority)) wrong(`priority is one of ${PRIORITIES.join(", ")}`);
  const span = (given: string | undefined): Ms =>
    (given === undefined ? ms(0) : parseDuration(given)) ?? wrong(`"${given ?? ""}" is no time; write "2s"`);
  return { name: full, text, priority, after: span(after), clearAfter: span(clearAfter), latch };
}

/** What a program calls `alarms`: set true while the cause stands, false when it is gone. */
export class ProgramAlarms {
  readonly alarms: object;
  readonly #setters = new Map<string, AlarmCauseSetter>();
  readonly #kept = new Map<string, boolean>();
  readonly #draft = new Map<string, boolean>();

  constructor(program: string, named: ProgramAlarmRecord, open: OpenAlarm) {
    const alarms = {};
    for (const [name, alarm] of Object.entries(named)) {
      this.#setters.set(name, open(ruleOf(`${program}.${name}`, name, alarm)));
      Object.defineProperty(alarms, name, {
        get: () => this.#draft.get(name) ?? this.#kept.get(name) ?? false,
        set: (cause: unknown) => {
          if (typeof cause !== "boolean") throw new ProgramError(`alarms.${name} takes true or false`);
          this.#draft.set(name, cause);
        },
        enumerable: true,
      });
    }
    this.alarms = Object.preventExtensions(alarms);
  }

  /** Ends a cycle: what was set in it counts, or not. */
  settle(keep: boolean): void {
    if (keep) for (const [name, cause] of this.#draft) this.#kept.set(name, cause);
    this.#draft.clear();
    if (keep) for (const [name, cause] of this.#kept) this.#setters.get(name)?.set(cause);
  }

  /** The program does not see any more: its alarms stay as they are, and are said to be unknown. */
  lose(): void {
    for (const setter of this.#setters.values()) setter.set(undefined);
  }
}
