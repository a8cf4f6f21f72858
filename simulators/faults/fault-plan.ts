import type { Clock, Timer } from "../../src/kit/clock.ts";
import type { Random } from "../../src/kit/random.ts";
import { type Ms, ms } from "../../src/kit/time.ts";
import type { Fault, LineFault } from "./fault.ts";

/** A fault that comes `at` so long after the plan's beginning, and goes after `lasting` where that is given. */
export type ScriptedFault = LineFault & { readonly at: Ms; readonly lasting?: Ms };

/** What goes wrong when. */
export type FaultPlan = readonly ScriptedFault[];

/** Whatever takes faults: {@link LineFaults}, or a simulated line. `add` gives the function that ends the fault. */
export interface FaultTaker {
  add(fault: LineFault): () => void;
}

/** Plays a plan from now on; the function that is returned ends it, and the faults that it brought. */
export function playFaults(plan: FaultPlan, taker: FaultTaker, clock: Clock): () => void {
  const timers = new Set<Timer>();
  const ends = new Set<() => void>();
  const later = (delay: Ms, act: () => void): void => {
    const timer = clock.after("fault plan", delay, () => {
      timers.delete(timer);
      act();
    });
    timers.add(timer);
  };
  for (const { at, lasting, ...fault } of plan) {
    later(at, () => {
      const end = taker.add(fault);
      ends.add(end);
      if (lasting !== undefined) later(lasting, end);
    });
  }
  return () => {
    for (const timer of timers) timer.cancel();
    for (const end of ends) end();
  };
}

export interface RandomPlanOptions {
  readonly random: Random;
  readonly span: Ms;
  readonly units: readonly number[];
  /** About how far the incidents are apart. */
  readonly every: Ms;
}

/**
 * Incidents of a serial line, one after the other over the whole span: units that die for a while, brown-outs, babbling,
 * other masters that ask for identities (their answers cannot be taken for registers), an adapter that begins to echo. The
 * same sequence of chance gives the same plan. For single transactions, add `{ kind: "any", rate }`.
 */
export function randomPlan({ random, span, units, every }: RandomPlanOptions): FaultPlan {
  const plan: ScriptedFault[] = [];
  for (let at = every * (0.5 + random()); at < span; at += every * (0.5 + random())) {
    const unit = units[Math.floor(random() * units.length)] ?? 1;
    const lasting = ms(100 * 200 ** random());
    plan.push({ ...incident(random, unit), at: ms(at), lasting });
  }
  return plan;
}

function incident(random: Random, unit: number): Fault & { readonly unit?: number } {
  const choice = random();
  if (choice < 0.35) return { kind: "lost", unit };
  if (choice < 0.5) return { kind: "wrongBaudRate", unit };
  if (choice < 0.65) return { kind: "exception", code: 1 + Math.floor(random() * 6), unit };
  if (choice < 0.8) return { kind: "brownOut", off: ms(300 + random() * 3000), boot: ms(random() * 2000), code: 4 };
  if (choice < 0.9) return { kind: "babble", every: ms(20 + random() * 500) };
  return random() < 0.5 ? { kind: "secondMaster", every: ms(50 + random() * 500), asks: "identity" } : { kind: "echo" };
}
