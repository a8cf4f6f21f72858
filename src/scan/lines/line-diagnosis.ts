import type { Failure } from "../../modbus/failure.ts";

/** What came of one request, as far as it says something about the wire. */
export type Heard =
  | "intact"
  | "silence"
  | "damaged"
  /** Two intact answers to one request. */
  | "doubled";

/** What is wrong with a line rather than with a unit. */
export type LineFinding =
  /** Something answers, and nothing of it is a frame. */
  | "garbled"
  /** None of its units answers. */
  | "silent";

export interface LineDiagnosis {
  readonly finding: LineFinding | undefined;
  /** Units whose answers are damaged or doubled while those of all others are not: two slaves may answer. */
  readonly suspected: ReadonlySet<number>;
  /** Some unit was understood since the line was opened. */
  readonly met: boolean;
  /** The last outcomes of every unit, the newest last. */
  readonly recent: ReadonlyMap<number, readonly Heard[]>;
}

/** Outcomes of one unit that count. */
const MEMORY = 10;

/** So many damaged or doubled answers are no accident; half of them, for a single unit, since a collision is sometimes survived. */
const MOST_DAMAGED = 5;

/** Fewer intact answers of other units than this prove nothing. */
const FEWEST_OTHERS = 10;

export function newDiagnosis(units: Iterable<number>): LineDiagnosis {
  return {
    finding: undefined,
    suspected: new Set(),
    met: false,
    recent: new Map([...units].map((unit) => [unit, []])),
  };
}

/** What a failure says about the wire; undefined: nothing. Exceptions are intact answers. */
export function heardOf(failure: Failure): Heard | undefined {
  if (failure.kind === "timeout") return "silence";
  if (failure.kind === "damaged") return "damaged";
  return failure.kind === "exception" || failure.kind === "mismatch" ? "intact" : undefined;
}

export function nextDiagnosis(diagnosis: LineDiagnosis, unit: number, heard: Heard): LineDiagnosis {
  if (heard === "intact" && isSound(diagnosis, unit)) return diagnosis;
  const recent = new Map(diagnosis.recent).set(unit, outcomesAfter(diagnosis.recent.get(unit) ?? [], heard));
  const suspected = suspectedOf(recent, diagnosis.suspected, unit);
  // One intact answer proves format and wiring.
  if (isIntact(heard)) return { recent, suspected, met: true, finding: undefined };
  const finding = findingOf(recent, diagnosis.met) ?? diagnosis.finding;
  return { recent, suspected, met: diagnosis.met, finding };
}

/** Nothing is wrong, and one more intact answer of the unit is no news. */
function isSound({ finding, suspected, met, recent }: LineDiagnosis, unit: number): boolean {
  if (!met || finding !== undefined || suspected.has(unit)) return false;
  const own = recent.get(unit);
  return own?.length === MEMORY && own.every((heard) => heard === "intact");
}

/** That an answer was doubled is known after it was heard. */
function outcomesAfter(before: readonly Heard[], heard: Heard): readonly Heard[] {
  const kept = heard === "doubled" && before.at(-1) === "intact" ? before.slice(0, -1) : before;
  return [...kept, heard].slice(-MEMORY);
}

/** What an intact answer said is forgotten only when every unit has failed since. */
function findingOf(recent: LineDiagnosis["recent"], met: boolean): LineFinding | undefined {
  const all = [...recent.values()];
  const sinceIntact = all.map((outcomes) => outcomes.slice(outcomes.findLastIndex(isIntact) + 1));
  if (sinceIntact.some(({ length }) => length < FEWEST_MISSES)) return undefined;
  if (count(sinceIntact.flat(), "damaged") >= MOST_DAMAGED) return "garbled";
  if (all.length > 1) return "silent";
  return !met && (all[0]?.length ?? 0) >= MOST_SILENT ? "silent" : undefined;
}

/** What a single unit misses is its own affair until it is this often. */
const FEWEST_MISSES = 3;

/** A line's only unit may be away. One that was never understood may as well be asked at the wrong rate. */
const MOST_SILENT = 5;

function suspectedOf(recent: LineDiagnosis["recent"], before: ReadonlySet<number>, unit: number): ReadonlySet<number> {
  const own = recent.get(unit) ?? [];
  const collided = collisions(own);
  if (before.has(unit)) {
    const over = own.length === MEMORY && collided === 0 && own.includes("intact");
    return over ? new Set([...before].filter((other) => other !== unit)) : before;
  }
  if (collided < MOST_DAMAGED) return before;
  const others = [...recent].flatMap(([other, outcomes]) => (other === unit ? [] : outcomes));
  const alone = count(others, "intact") >= FEWEST_OTHERS && collisions(others) === 0;
  return alone ? new Set([...before, unit]) : before;
}

function isIntact(heard: Heard): boolean {
  return heard === "intact" || heard === "doubled";
}

function collisions(outcomes: readonly Heard[]): number {
  return count(outcomes, "damaged") + count(outcomes, "doubled");
}

function count(outcomes: readonly Heard[], wanted: Heard): number {
  return outcomes.filter((heard) => heard === wanted).length;
}
