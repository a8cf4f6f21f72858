import type { Ms } from "../../kit/time.ts";

/** HYSTERESIS (IEC 61131-3, annex F): true above XIN2 + EPS, false below XIN2 - EPS, between them as it was. */
export function nextHysteresis(before: boolean, XIN1: number, XIN2: number, EPS: number): boolean {
  return before ? XIN1 >= XIN2 - EPS : XIN1 > XIN2 + EPS;
}

/** RAMP (IEC 61131-3, annex F) after a call. */
export interface Ramp {
  readonly RUN: boolean;
  readonly XOUT: number;
  /** It has not arrived yet. */
  readonly BUSY: boolean;
  /** Where and when the ramp began. */
  readonly from: number;
  readonly since: Ms;
}

export interface RampCall {
  readonly RUN: boolean;
  readonly X0: number;
  readonly X1: number;
  readonly TR: Ms;
  readonly now: Ms;
}

/** At X0 while RUN is false, then straight to X1 within TR. */
export function nextRamp(before: Ramp | undefined, { RUN, X0, X1, TR, now }: RampCall): Ramp {
  if (!RUN) return { RUN, XOUT: X0, BUSY: false, from: X0, since: now };
  const { from, since } = before ?? { from: X0, since: now };
  const elapsed = now - since;
  if (elapsed >= TR) return { RUN, XOUT: X1, BUSY: false, from, since };
  return { RUN, XOUT: from + ((X1 - from) * elapsed) / TR, BUSY: true, from, since };
}

/** How a PID acts. Times in milliseconds; a TR or TD of 0 leaves that part out. */
export interface PidTuning {
  readonly KP: number;
  readonly TR: Ms;
  readonly TD: Ms;
  /** XOUT stays within; the integral waits while it would push further outside. */
  readonly MIN: number;
  readonly MAX: number;
}

export interface PidCall {
  /** False: XOUT is X0, and the integral follows so that the change to automatic is without a bump. */
  readonly AUTO: boolean;
  readonly PV: number;
  readonly SP: number;
  readonly X0: number;
  readonly now: Ms;
}

export interface Pid {
  readonly XOUT: number;
  readonly integral: number;
  readonly PV: number;
  readonly at: Ms;
}

/**
 * PID in the form of IEC 61131-3, annex F: XOUT = KP * (e + integral(e) / TR + TD * de/dt). Two differences, for plants:
 * e is SP - PV, so that a positive KP raises XOUT when the value is too low, and the derivative is that of PV, so that a
 * step of the set point does not kick.
 */
export function nextPid(before: Pid | undefined, call: PidCall, tuning: PidTuning): Pid {
  const { AUTO, PV, SP, X0, now } = call;
  const { KP, TR, TD, MIN, MAX } = tuning;
  const error = SP - PV;
  if (!AUTO) return { XOUT: clamp(X0, MIN, MAX), integral: clamp(X0, MIN, MAX) - KP * error, PV, at: now };
  const elapsed = before ? now - before.at : 0;
  const integral = before?.integral ?? 0;
  const derivative = before && elapsed > 0 ? (-KP * TD * (PV - before.PV)) / elapsed : 0;
  const step = TR > 0 ? (KP * error * elapsed) / TR : 0;
  const wanted = KP * error + integral + step + derivative;
  const pushes = (wanted > MAX && step > 0) || (wanted < MIN && step < 0);
  return { XOUT: clamp(wanted, MIN, MAX), integral: pushes ? integral : integral + step, PV, at: now };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
