/**
 * What a program of a plant imports from `takt/program`. `takt types plant.yaml` writes these declarations beside a plant, with
 * its devices and tags in {@link Devices}.
 */

/** The devices of the plant by name, each with its tags. Empty here: `takt types` fills it in. */
export interface Devices {}

/** Any device, any tag: where no types of a plant were written. */
interface AnyDevices {
  [device: string]: { [tag: string]: any };
}

/** The pools of the plant by name, each with the jobs of its devices and their parameters. Empty here, too. */
export interface Pools {}

interface AnyPools {
  [pool: string]: { [job: string]: { [parameter: string]: number } };
}

type PlantPools = [keyof Pools] extends [never] ? AnyPools : Pools;

type PlantDevices = [keyof Devices] extends [never] ? AnyDevices : Devices;

/** `infeed.exitEye` */
export type TagPath = {
  [D in keyof PlantDevices & string]: `${D}.${keyof PlantDevices[D] & string}`;
}[keyof PlantDevices & string];

type ValueAt<P extends string> = P extends `${infer D}.${infer T}`
  ? D extends keyof PlantDevices
    ? T extends keyof PlantDevices[D]
      ? PlantDevices[D][T]
      : never
    : never
  : never;

/** A tag's value with all that is known of it. */
export interface Peeked<V = unknown> {
  /** Null: there is none. */
  readonly value: V | null;
  readonly quality: "good" | "stale" | "bad";
  readonly reason: "ok" | "old" | "neverRead" | "offline" | "disabled" | "refused" | "sentinel" | "invalid";
  /** Milliseconds since its source time; infinite when it was never read. */
  readonly age: number;
}

export type Io = PlantDevices & {
  /** Value, quality and age of a tag, whatever its quality. */
  peek<P extends TagPath>(tag: P): Peeked<ValueAt<P>>;
};

/** What a program may keep over a restart: everything JSON can say. A change is a new value. */
export type Retained = string | number | boolean | null | readonly Retained[] | { readonly [key: string]: Retained };

type Widened<R> = {
  -readonly [K in keyof R]: R[K] extends string
    ? string
    : R[K] extends number
      ? number
      : R[K] extends boolean
        ? boolean
        : R[K];
};

export interface LogFields {
  readonly [name: string]: string | number | boolean | null | undefined;
}

/** Something that needs a person: `alarms.lost = true` while its cause stands. */
export interface ProgramAlarm {
  /** What is wrong, for the operator. */
  readonly text: string;
  /** `medium` */
  readonly priority?: "low" | "medium" | "high" | "critical";
  /** How long the cause has to stand, and to be gone: `"2s"`. */
  readonly after?: string;
  readonly clearAfter?: string;
  /** Active until it is acknowledged once its cause is gone. */
  readonly latch?: boolean;
}

/** Where a job stands. */
export interface Job {
  readonly state:
    "queued" | "assigned" | "sent" | "accepted" | "running" | "unknown" | "quarantined" | "done" | "failed";
  readonly device: string | undefined;
  readonly reason: string | undefined;
  readonly result: string | undefined;
}

/** Like devices that share work. */
export interface Pool<Jobs> {
  /**
   * Orders a job when this cycle counts; gives its id. Numbers are the job's parameters, texts are labels that travel with it. An id
   * of your own makes the same order of two: that of the next run, say.
   */
  submit<J extends keyof Jobs & string>(
    job: J,
    about?: Jobs[J] & { readonly [label: string]: number | string },
    options?: { readonly id?: string; readonly priority?: number; readonly deadline?: string },
  ): string;
  /** Undefined: not known, or not yet. */
  job(id: string): Job | undefined;
}

export interface ProgramContext<R = {}, A = {}> {
  /** The plant: reading gives what stood there at the last latch, writing says what is wanted. */
  readonly io: Io;
  readonly time: {
    /** Milliseconds of the program's own time; it stands still in cycles that do not count. */
    readonly now: number;
    /** Milliseconds since 1970 by the gateway's wall clock, which may be wrong and may step. */
    readonly wall: number;
  };
  readonly log: {
    info(text: string, fields?: LogFields): void;
    warn(text: string, fields?: LogFields): void;
  };
  /** The variables named with the program. */
  readonly retain: Widened<R>;
  /** The alarms named with the program. */
  readonly alarms: { -readonly [K in keyof A]: boolean };
  readonly pools: { readonly [P in keyof PlantPools]: Pool<PlantPools[P]> };
}

/** What a program's module exports by default. */
export interface Program {
  readonly retained: { readonly [name: string]: Retained };
}

/** A program: a function that runs once a cycle on the frozen image. */
export function program(body: (context: ProgramContext) => void): Program;
/** One with variables that survive a restart, named with their first values, and with alarms. */
export function program<
  const R extends { readonly [name: string]: Retained } = {},
  const A extends { readonly [name: string]: ProgramAlarm } = {},
>(options: { readonly retain?: R; readonly alarms?: A }, body: (context: ProgramContext<R, A>) => void): Program;

/** `"150ms"`, `"2s"`, or milliseconds. */
export type Time = string | number;

/** True in the one cycle in which CLK becomes true. */
export function R_TRIG(): (CLK: boolean) => boolean;
/** True in the one cycle in which CLK becomes false. */
export function F_TRIG(): (CLK: boolean) => boolean;

type Timer = ((IN: boolean, PT?: Time) => boolean) & {
  readonly Q: boolean;
  /** Milliseconds elapsed, up to PT. */
  readonly ET: number;
};

/** On-delay: true once IN has been true for PT. */
export function TON(PT: Time): Timer;
/** Off-delay: true with IN, and for PT after it. */
export function TOF(PT: Time): Timer;
/** Pulse: true for PT from a rising edge of IN on. */
export function TP(PT: Time): Timer;

interface CounterOutputs {
  readonly Q: boolean;
  readonly CV: number;
}

/** Counts rising edges of CU; true from PV on. R sets it to 0. */
export function CTU(PV: number): ((CU: boolean, R?: boolean, PV?: number) => boolean) & CounterOutputs;
/** Counts down at rising edges of CD; true at 0 and below. LD sets it to PV. */
export function CTD(PV: number): ((CD: boolean, LD?: boolean, PV?: number) => boolean) & CounterOutputs;
/** Counts both ways; QU from PV on, QD at 0 and below. */
export function CTUD(PV: number): (call: {
  readonly CU?: boolean;
  readonly CD?: boolean;
  readonly R?: boolean;
  readonly LD?: boolean;
}) => {
  readonly QU: boolean;
  readonly QD: boolean;
  readonly CV: number;
};

/** Set and reset, set wins. */
export function SR(): ((S1: boolean, R: boolean) => boolean) & { readonly Q1: boolean };
/** Set and reset, reset wins. */
export function RS(): ((S: boolean, R1: boolean) => boolean) & { readonly Q1: boolean };

/** True above XIN2 + EPS, false below XIN2 - EPS, between them as it was. */
export function HYSTERESIS(EPS: number): (XIN1: number, XIN2: number) => boolean;

/** At X0 while RUN is false, then straight to X1 within TR. */
export function RAMP(TR: Time): ((RUN: boolean, X0: number, X1: number) => number) & {
  readonly XOUT: number;
  readonly BUSY: boolean;
};

/** A controller: XOUT = KP * (e + integral(e) / TR + TD * de/dt) with e = SP - PV, kept within MIN and MAX. */
export function PID(settings: {
  readonly KP: number;
  readonly TR?: Time;
  readonly TD?: Time;
  readonly MIN?: number;
  readonly MAX?: number;
}): (inputs: { readonly PV: number; readonly SP: number; readonly AUTO?: boolean; readonly X0?: number }) => number;
