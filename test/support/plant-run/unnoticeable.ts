import type { LineFault } from "../../../simulators/faults/fault.ts";
import type { FaultPlan, ScriptedFault } from "../../../simulators/faults/fault-plan.ts";
import type { LineFaults } from "../../../simulators/faults/line-faults.ts";
import type { Random } from "../../../src/kit/random.ts";
import { type Instant, instant, type Ms, ms, plus } from "../../../src/kit/time.ts";

/**
 * What such a fault did may show for so long after it: in a value until that is stale, and in an answer that is held back until
 * the unit, which may be given up meanwhile, is asked again.
 */
const AFTERMATH = ms(300_000);

export interface Victims {
  readonly units: readonly number[];
  /** The longest of their response timeouts. */
  readonly timeout: Ms;
}

/**
 * Faults whose frames are as good as the right ones, so that no master of RTU can notice each of them: a second slave with
 * the same number that is faster, an answer that comes after the quarantine, or together with the next one, and answers to
 * another master that asks for the same. See docs/serial.md.
 */
export function unnoticeablePlan(random: Random, span: Ms, { units, timeout }: Victims): FaultPlan {
  const plan: ScriptedFault[] = [];
  for (let at = span * random(); at < span; at += 600_000 * (0.5 + random())) {
    const unit = units[Math.floor(random() * units.length)] ?? 1;
    plan.push({ ...one(random, timeout), unit, at: ms(at), lasting: ms(1000 + random() * 20_000) });
  }
  return plan;
}

function one(random: Random, timeout: Ms): LineFault {
  const choice = random();
  if (choice < 0.25) return { kind: "duplicate" };
  if (choice < 0.5) return { kind: "merged", rate: 0.5 };
  if (choice < 0.75) return { kind: "late", by: ms(latestOf(timeout) + random() * 1000), rate: 0.5 };
  return { kind: "secondMaster", every: ms(100 + random() * 900), asks: "registers" };
}

/** An answer this late may come after the quarantine. */
function latestOf(timeout: Ms): Ms {
  return ms(3 * timeout);
}

/** The times in which what a unit says is beyond what a master can promise. */
export class Excuses {
  readonly #faults: LineFaults;
  readonly #latest: Ms;
  readonly #now: () => Instant;
  readonly #until = new Map<number, Instant>();
  #before: readonly LineFault[] = [];

  /** `timeout`: the longest of its units. */
  constructor(faults: LineFaults, timeout: Ms, now: () => Instant) {
    this.#faults = faults;
    this.#latest = latestOf(timeout);
    this.#now = now;
    faults.changed.on(() => this.#follow());
  }

  /** Whether a fault that no master can notice is, or just was, at work on this unit. */
  excused(unit: number): boolean {
    if (this.#now() < this.#untilOf(unit)) return true;
    return this.#faults.list.some((fault) => this.#isUnnoticeable(fault) && isOn(fault, unit));
  }

  #follow(): void {
    const { list } = this.#faults;
    for (const fault of this.#before) {
      if (list.includes(fault) || !this.#isUnnoticeable(fault)) continue;
      this.#until.set(scopeOf(fault) ?? ALL, plus(this.#now(), AFTERMATH));
    }
    this.#before = list;
  }

  /** Frames of Modbus/TCP have an id. */
  #isUnnoticeable(fault: LineFault): boolean {
    if (this.#faults.medium === "tcp") return false;
    if (fault.kind === "secondMaster") return fault.asks !== "identity";
    if (fault.kind === "late") return fault.by >= this.#latest;
    return fault.kind === "duplicate" || fault.kind === "merged";
  }

  #untilOf(unit: number): Instant {
    return instant(Math.max(this.#until.get(unit) ?? 0, this.#until.get(ALL) ?? 0));
  }
}

const ALL = -1;

function isOn(fault: LineFault, unit: number): boolean {
  const scope = scopeOf(fault);
  return scope === undefined || scope === unit;
}

/** Another master asks whom it likes. */
function scopeOf(fault: LineFault): number | undefined {
  return fault.kind === "secondMaster" ? undefined : fault.unit;
}
