import type { Failure } from "../modbus/failure.ts";

/** What came of one request, as far as it says something about the wire. */
export type Heard = "intact" | "silence" | "damaged";

/** What is wrong with a line rather than with a unit. */
export type LineFinding =
  /** Something answers, and nothing of it is a frame. */
  | "garbled"
  /** None of its units answers. */
  | "silent";

export interface LineDiagnosis {
  readonly finding: LineFinding | undefined;
  /** Units whose answers are damaged while those of all others are not: two slaves may answer at once. */
  readonly suspected: ReadonlySet<number>;
  /** The last outcomes of every unit, the newest last. */
  readonly recent: ReadonlyMap<number, readonly Heard[]>;
}

/** Outcomes of one unit that count. */
const MEMORY = 10;

/** So many damaged answers are no accident; half of them, for a single unit, since a collision is sometimes survived. */
const MOST_DAMAGED = 5;

/** Fewer intact answers of other units than this prove nothing. */
const FEWEST_OTHERS = 10;

export function newDiagnosis(units: Iterable<number>): LineDiagnosis {
  return { finding: undefined, suspected: new Set(), recent: new Map([...units].map((unit) => [unit, []])) };
}

/** What a failure says about the wire; undefined: nothing. Exceptions are intact answers. */
export function heardOf(failure: Failure): Heard | undefined {
  if (failure.kind === "timeout") return "silence";
  if (failure.kind === "damaged") return "damaged";
  return failure.kind === "exception" || failure.kind === "mismatch" ? "intact" : undefined;
}

export function nextDiagnosis(diagnosis: LineDiagnosis, unit: number, heard: Heard): LineDiagnosis {
  const before = diagnosis.recent.get(unit) ?? [];
  const recent = new Map(diagnosis.recent).set(unit, [...before, heard].slice(-MEMORY));
  const finding = heard === "intact" ? undefined : findingOf(recent);
  return { recent, finding, suspected: suspectedOf(recent, diagnosis.suspected, unit) };
}

/** One intact answer proves format and wiring; what it says is forgotten only when every unit has failed since. */
function findingOf(recent: LineDiagnosis["recent"]): LineFinding | undefined {
  const all = [...recent.values()];
  const sinceIntact = all.map((outcomes) => outcomes.slice(outcomes.lastIndexOf("intact") + 1));
  if (sinceIntact.some(({ length }) => length < FEWEST_MISSES)) return undefined;
  if (count(sinceIntact.flat(), "damaged") >= MOST_DAMAGED) return "garbled";
  return all.length > 1 ? "silent" : undefined;
}

/** What a single unit misses is its own affair until it is this often. */
const FEWEST_MISSES = 3;

function suspectedOf(recent: LineDiagnosis["recent"], before: ReadonlySet<number>, unit: number): ReadonlySet<number> {
  const own = recent.get(unit) ?? [];
  const damaged = count(own, "damaged");
  if (before.has(unit)) {
    const over = own.length === MEMORY && damaged === 0 && own.includes("intact");
    return over ? new Set([...before].filter((other) => other !== unit)) : before;
  }
  if (damaged < MOST_DAMAGED) return before;
  const others = [...recent].flatMap(([other, outcomes]) => (other === unit ? [] : outcomes));
  const alone = count(others, "intact") >= FEWEST_OTHERS && count(others, "damaged") === 0;
  return alone ? new Set([...before, unit]) : before;
}

function count(outcomes: readonly Heard[], wanted: Heard): number {
  return outcomes.filter((heard) => heard === wanted).length;
}
