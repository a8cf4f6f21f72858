import { parseDuration } from "../../kit/duration.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { nextHysteresis, nextPid, nextRamp, type Pid, type PidTuning, type Ramp } from "./control.ts";
import { type Counter, nextCount } from "./counter.ts";
import { type Edge, nextFalling, nextRising } from "./edge.ts";
import { Cell } from "./memory.ts";
import { nextOffDelay, nextOnDelay, nextPulse, type Timer, type TimerCall } from "./timer.ts";

/*
 * The standard function blocks of IEC 61131-3 as programs call them: a block is made once and called once a cycle with its
 * inputs; it gives its first output and shows the others by their names.
 */

/** `"150ms"`, `"2s"`, or milliseconds. */
export type Time = string | number;

export type EdgeBlock = (CLK: boolean) => boolean;

/** True in the one cycle in which CLK becomes true. */
export function R_TRIG(): EdgeBlock {
  const cell = new Cell<Edge>("R_TRIG");
  return (CLK) => cell.step((before) => nextRising(before, CLK)).Q;
}

/** True in the one cycle in which CLK becomes false. */
export function F_TRIG(): EdgeBlock {
  const cell = new Cell<Edge>("F_TRIG");
  return (CLK) => cell.step((before) => nextFalling(before, CLK)).Q;
}

export type TimerBlock = ((IN: boolean, PT?: Time) => boolean) & { readonly Q: boolean; readonly ET: number };

/** On-delay: true once IN has been true for PT. */
export function TON(PT: Time): TimerBlock {
  return timerBlock("TON", PT, nextOnDelay);
}

/** Off-delay: true with IN, and for PT after it. */
export function TOF(PT: Time): TimerBlock {
  return timerBlock("TOF", PT, nextOffDelay);
}

/** Pulse: true for PT from a rising edge of IN on. */
export function TP(PT: Time): TimerBlock {
  return timerBlock("TP", PT, nextPulse);
}

function timerBlock(
  name: string,
  preset: Time,
  next: (before: Timer | undefined, call: TimerCall) => Timer,
): TimerBlock {
  const cell = new Cell<Timer>(name);
  const time = timeReader(`${name}: PT`, preset);
  return withOutputs(
    (IN: boolean, PT?: Time) => cell.step((before, now) => next(before, { IN, PT: time(PT), now })).Q,
    {
      Q: () => cell.state?.Q ?? false,
      ET: () => cell.state?.ET ?? 0,
    },
  );
}

export type UpCounter = ((CU: boolean, R?: boolean, PV?: number) => boolean) & CounterOutputs;
export type DownCounter = ((CD: boolean, LD?: boolean, PV?: number) => boolean) & CounterOutputs;

interface CounterOutputs {
  readonly Q: boolean;
  readonly CV: number;
}

/** Counts rising edges of CU; true from PV on. R sets it to 0. */
export function CTU(PV: number): UpCounter {
  const cell = new Cell<Counter>("CTU");
  const reached = ({ CV, PV: preset }: Pick<Counter, "CV" | "PV">): boolean => CV >= preset;
  const call = (CU: boolean, R = false, preset = PV): boolean =>
    reached(cell.step((before) => nextCount(before, { CU, R, PV: preset })));
  return withOutputs(call, { Q: () => reached(cell.state ?? { CV: 0, PV }), CV: () => cell.state?.CV ?? 0 });
}

/** Counts down at rising edges of CD; true at 0 and below. LD sets it to PV. */
export function CTD(PV: number): DownCounter {
  const cell = new Cell<Counter>("CTD");
  const Q = (): boolean => (cell.state?.CV ?? 0) <= 0;
  const call = (CD: boolean, LD = false, preset = PV): boolean => {
    cell.step((before) => nextCount(before, { CD, LD, PV: preset }));
    return Q();
  };
  return withOutputs(call, { Q, CV: () => cell.state?.CV ?? 0 });
}

export interface UpDownCall {
  readonly CU?: boolean;
  readonly CD?: boolean;
  readonly R?: boolean;
  readonly LD?: boolean;
}

export interface UpDownOutputs {
  readonly QU: boolean;
  readonly QD: boolean;
  readonly CV: number;
}

/** Counts both ways; QU from PV on, QD at 0 and below. */
export function CTUD(PV: number): (call: UpDownCall) => UpDownOutputs {
  const cell = new Cell<Counter>("CTUD");
  return (call) => {
    const { CV } = cell.step((before) => nextCount(before, { ...call, PV }));
    return { QU: CV >= PV, QD: CV <= 0, CV };
  };
}

export type Bistable = ((set: boolean, reset: boolean) => boolean) & { readonly Q1: boolean };

/** Set and reset, set wins. */
export function SR(): Bistable {
  return bistable("SR", (Q1, S1, R) => S1 || (!R && Q1));
}

/** Set and reset, reset wins. */
export function RS(): Bistable {
  return bistable("RS", (Q1, S, R1) => !R1 && (S || Q1));
}

function bistable(name: string, next: (Q1: boolean, set: boolean, reset: boolean) => boolean): Bistable {
  const cell = new Cell<boolean>(name);
  return withOutputs((set: boolean, reset: boolean) => cell.step((before) => next(before ?? false, set, reset)), {
    Q1: () => cell.state ?? false,
  });
}

/** True above XIN2 + EPS, false below XIN2 - EPS, between them as it was. */
export function HYSTERESIS(EPS: number): (XIN1: number, XIN2: number) => boolean {
  const cell = new Cell<boolean>("HYSTERESIS");
  return (XIN1, XIN2) => cell.step((before) => nextHysteresis(before ?? false, XIN1, XIN2, EPS));
}

export type RampBlock = ((RUN: boolean, X0: number, X1: number) => number) & {
  readonly XOUT: number;
  readonly BUSY: boolean;
};

/** At X0 while RUN is false, then straight to X1 within TR. */
export function RAMP(TR: Time): RampBlock {
  const cell = new Cell<Ramp>("RAMP");
  const time = timeReader("RAMP: TR", TR);
  const call = (RUN: boolean, X0: number, X1: number): number =>
    cell.step((before, now) => nextRamp(before, { RUN, X0, X1, TR: time(undefined), now })).XOUT;
  return withOutputs(call, { XOUT: () => cell.state?.XOUT ?? 0, BUSY: () => cell.state?.BUSY ?? false });
}

export interface PidSettings {
  readonly KP: number;
  readonly TR?: Time;
  readonly TD?: Time;
  readonly MIN?: number;
  readonly MAX?: number;
}

export interface PidInputs {
  readonly PV: number;
  readonly SP: number;
  readonly AUTO?: boolean;
  readonly X0?: number;
}

/** A controller; what it computes and how it is limited: {@link nextPid}. */
export function PID({ KP, TR = 0, TD = 0, MIN = -Infinity, MAX = Infinity }: PidSettings): (call: PidInputs) => number {
  const cell = new Cell<Pid>("PID");
  const tuning: PidTuning = {
    KP,
    TR: timeReader("PID: TR", TR)(undefined),
    TD: timeReader("PID: TD", TD)(undefined),
    MIN,
    MAX,
  };
  return ({ PV, SP, AUTO = true, X0 = 0 }) =>
    cell.step((before, now) => nextPid(before, { AUTO, PV, SP, X0, now }, tuning)).XOUT;
}

/** Reads a time that may be given with every call; the usual one is read once. */
function timeReader(what: string, usual: Time): (given: Time | undefined) => Ms {
  const read = (given: Time): Ms => {
    const span = typeof given === "number" ? ms(given) : parseDuration(given);
    if (span === undefined || !(span >= 0)) throw new TypeError(`${what}: ${given} is no time; write "150ms" or "2s"`);
    return span;
  };
  const preset = read(usual);
  return (given) => (given === undefined || given === usual ? preset : read(given));
}

/** A function that shows outputs as properties. */
function withOutputs<F extends (...inputs: never[]) => unknown, O extends object>(
  call: F,
  outputs: { readonly [K in keyof O]: () => O[K] },
): F & Readonly<O> {
  for (const [name, get] of Object.entries(outputs)) Object.defineProperty(call, name, { get: get as () => unknown });
  // each of O's properties has just been defined
  return call as F & Readonly<O>;
}
