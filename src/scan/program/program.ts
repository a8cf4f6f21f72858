import type { LogFields } from "../../kit/logger.ts";
import type { Quality, Reason, Value } from "../../device/quality.ts";

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

/** What a program's function is given; jobs and alarms will stand beside these. */
export interface ProgramContext<Io extends object, R extends object> {
  readonly io: Io & { peek(tag: string): Peeked };
  readonly time: ProgramTime;
  readonly log: ProgramLog;
  readonly retain: R;
}

export type ProgramBody<Io extends object = object, R extends object = object> = (
  context: ProgramContext<Io, R>,
) => unknown;

/** What a program's module exports by default. */
export class Program {
  readonly body: ProgramBody;
  /** Retained variables with their first values. */
  readonly retained: RetainedRecord;

  constructor(body: ProgramBody, retained: RetainedRecord) {
    this.body = body;
    this.retained = retained;
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
/** One with variables that survive a restart, named with their first values. */
export function program<Io extends object, R extends RetainedRecord = RetainedRecord>(
  options: { readonly retain: R },
  body: ProgramBody<Io, Widened<R>>,
): Program;
export function program(first: ProgramBody | { readonly retain: RetainedRecord }, second?: ProgramBody): Program {
  const body = typeof first === "function" ? first : second;
  if (typeof body !== "function")
    throw new TypeError("program(): its last argument is the function that runs every cycle");
  return new Program(body, typeof first === "function" ? {} : first.retain);
}
