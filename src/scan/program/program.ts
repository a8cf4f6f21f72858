import type { LogFields } from "../../kit/logger.ts";
import type { Quality, Reason, Value } from "../../device/quality.ts";
import { checkAlarms, type ProgramAlarmRecord } from "./program-alarms.ts";
import type { ProgramJob, SubmitOptions } from "./program-jobs.ts";

/** What a program may keep over a restart: everything JSON can say. Frozen: a change is a new value. */
export type Retained = string | number | boolean | null | readonly Retained[] | { readonly [key: string]: Retained };

export type RetainedRecord = Readonly<Record<string, Retained>>;

/** A tag's value with all that is known of it. */
export interface Peeked {
  /** Null: there is none. */
  readonly value: Value | null;
  readonly quality: Quality;
  readonly reason: Reason;
  /** Milliseconds since its source time; infinite when it was never read. */
  readonly age: number;
}

export interface ProgramTime {
  /** Milliseconds of the program's own time; it stands still in cycles that do not count. */
  readonly now: number;
  /** Milliseconds since 1970 by the gateway's wall clock, which may be wrong and may step. */
  readonly wall: number;
}

export interface ProgramLog {
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
}

/** A pool as a program uses it. */
export interface PoolOfPrograms {
  /** Orders a job when this cycle counts; gives its id. Numbers are parameters, texts labels. */
  submit(job: string, about?: Readonly<Record<string, number | string>>, options?: SubmitOptions): string;
  /** Where a job stands; undefined: it is not known, or not yet. */
  job(id: string): ProgramJob | undefined;
}

/** What a program's function is given. */
export interface ProgramContext<Io extends object, R extends object, A extends object = object> {
  readonly io: Io & { peek(tag: string): Peeked };
  readonly time: ProgramTime;
  readonly log: ProgramLog;
  readonly retain: R;
  /** Those the program named: true while the cause stands. */
  readonly alarms: A;
  /** Of the plant, by name. */
  readonly pools: Readonly<Record<string, PoolOfPrograms>>;
}

export type ProgramBody<Io extends object = object, R extends object = object, A extends object = object> = (
  context: ProgramContext<Io, R, A>,
) => unknown;

export interface ProgramOptions<
  R extends RetainedRecord = RetainedRecord,
  A extends ProgramAlarmRecord = ProgramAlarmRecord,
> {
  /** Variables that survive a restart, with their first values. */
  readonly retain?: R;
  readonly alarms?: A;
}

/** What a program's module exports by default. */
export class Program {
  readonly body: ProgramBody;
  /** Retained variables with their first values. */
  readonly retained: RetainedRecord;
  readonly alarms: ProgramAlarmRecord;

  constructor(body: ProgramBody, { retain = {}, alarms = {} }: ProgramOptions) {
    checkAlarms(alarms);
    this.body = body;
    this.retained = retain;
    this.alarms = alarms;
  }
}

type Widened<R> = {
  -readonly [K in keyof R]: R[K] extends string
    ? string
    : R[K] extends number
      ? number
      : R[K] extends boolean
        ? boolean
        : R[K];
};

/** A program: a function that runs once a cycle on the frozen image. */
export function program<Io extends object>(body: ProgramBody<Io>): Program;
/** One with variables that survive a restart, and with alarms. */
export function program<
  Io extends object,
  R extends RetainedRecord = RetainedRecord,
  A extends ProgramAlarmRecord = ProgramAlarmRecord,
>(options: ProgramOptions<R, A>, body: ProgramBody<Io, Widened<R>, { -readonly [K in keyof A]: boolean }>): Program;
export function program(first: ((context: never) => unknown) | ProgramOptions, second?: unknown): Program {
  const body = typeof first === "function" ? first : second;
  if (typeof body !== "function")
    throw new TypeError("program(): its last argument is the function that runs every cycle");
  // it is given what its overload promises
  return new Program(body as ProgramBody, typeof first === "function" ? {} : first);
}
