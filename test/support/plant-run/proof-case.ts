import type { Plant } from "../../../src/config/plant/plant.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import { type PlantProof, type ProvedLine, provePlant } from "../../../src/plan/plant-proof.ts";
import { edgePaces, edgePlant } from "./generated-plant.ts";
import { withoutParts } from "./without-parts.ts";
import { WorstCaseRun } from "./worst-case-run.ts";

/** A generated plant whose proof is put to the test; the same gives the same. */
export interface ProofCase {
  readonly seed: number;
  /** All periods are so many times as long as the seed has them. */
  readonly pace: number;
  /** At least. */
  readonly span: Ms;
  /** A device that is silent for this time, or until it is missed, after a start in good health. */
  readonly dead?: string | undefined;
  /** Devices (`d1`) and tags (`d1/holding10`) that are left out. */
  readonly without?: readonly string[] | undefined;
}

export interface ProofReport {
  /** Where what happened is not what the proof says; there must be nothing of it. */
  readonly broken: readonly string[];
  readonly holds: boolean;
  readonly transactions: number;
  readonly commands: number;
  /** How old a value got and how long a command took at most, as shares of what was predicted. */
  readonly oldest: number;
  readonly slowest: number;
  /** When a refused line of several requests at once was done, as a share of the bound, where that was within its frame. */
  readonly loose: readonly number[];
}

/** Runs at the edges of one plant. */
export interface ProofCases {
  /** As fast as it holds. */
  readonly holds: ProofCase;
  /** The next faster, which does not; a plant that holds as fast as it can be written down has none. */
  readonly refused: ProofCase | undefined;
  /** As fast as it carries a dead device. */
  readonly carries: ProofCase;
}

export function proofCases(seed: number, span: Ms): ProofCases {
  const { holds, refused, carries } = edgePaces(seed);
  const devices = [...edgePlant(seed, carries).devices.keys()];
  return {
    holds: { seed, pace: holds, span },
    refused: refused === undefined ? undefined : { seed, pace: refused, span },
    carries: { seed, pace: carries, span, dead: devices[seed % devices.length] },
  };
}

/**
 * Lets the plant run with every transaction as dear as the plan reckons with at worst. What holds must not overrun, miss a turn,
 * or let a value get older or a command take longer than predicted, though the budget of writes is spent; beside a dead device
 * at least no frame of others may be late. What is refused must overrun.
 */
export async function tryProof(tried: ProofCase): Promise<ProofReport> {
  const { seed, dead } = tried;
  const plant = proofPlant(tried);
  const { holds } = provePlant(plant);
  const run = new WorstCaseRun({ plant, seed, commanding: holds ? "bursts" : "hardest", mortal: dead });
  const lived = dead === undefined ? await live(run, tried.span) : await liveAndDie(run, dead, tried.span);
  const broken = [...lived, ...run.proof.lines.flatMap((line) => judge(run, line, dead))];
  const loose = holds ? [] : run.proof.lines.flatMap((line) => looseness(run, line));
  await run.close();
  return {
    broken,
    holds,
    transactions: run.transactions,
    commands: run.commands.answers,
    oldest: Math.max(...run.proof.lines.map(({ plan }) => run.ages.oldest(plan.line))),
    slowest: run.commands.slowest,
    loose,
  };
}

/** The plant of such a run. */
export function proofPlant({ seed, pace, without = [] }: ProofCase): Plant {
  return withoutParts(edgePlant(seed, pace), new Set(without));
}

/** Until the fullest frame of every line that is refused has come. */
async function live(run: WorstCaseRun, span: Ms): Promise<readonly string[]> {
  const { proof } = run;
  const whole = proof.lines.map(({ plan, proof: { holds, frame } }) => (holds ? 0 : (plan.frames + 2) * frame));
  await run.live(ms(Math.max(span, ...whole)));
  if (!proof.holds) return [];
  return [...(run.overruns > 0 ? [`${run.overruns} overruns were counted`] : []), ...run.commands.slow];
}

const START = ms(3000);

/** A unit that is never missed until then is never missed. */
const LONGEST = ms(60_000);

/** Says whether its return is noticed in time. */
async function liveAndDie(run: WorstCaseRun, dead: string, span: Ms): Promise<readonly string[]> {
  await run.live(START);
  const revive = run.kill();
  const died = run.now;
  while (run.now - died < span || (run.status(dead) === "online" && run.now - died < LONGEST)) {
    await run.live(ms(run.proof.period));
  }
  const gone = run.status(dead);
  revive();
  const seen = returnSeen(run.proof, dead);
  const back = run.now;
  while (run.status(dead) !== "online" && run.now - back < seen) await run.live(ms(run.proof.period));
  const silent = gone === "online" ? [`${dead} was never missed`] : [];
  return run.status(dead) === "online" ? silent : [...silent, `the return of ${dead} is not noticed after ${seen} ms`];
}

function returnSeen({ lines }: PlantProof, dead: string): number {
  const own = lines.find(({ plan }) => plan.cyclic.some(({ block }) => block.device.name === dead));
  return own?.proof.returnSeen ?? Number.POSITIVE_INFINITY;
}

function judge(run: WorstCaseRun, line: ProvedLine, dead: string | undefined): readonly string[] {
  const { plan, proof } = line;
  const judged = run.judges.get(plan.line);
  const named = (what: string): string => `${plan.line}: ${what}`;
  if (!judged) return [];
  if (!proof.holds) {
    return plan.window > 1 || judged.late.length > 0 ? [] : [named("was refused, and no frame was late")];
  }
  const isBeside = dead !== undefined && plan.cyclic.some(({ block }) => block.device.name === dead);
  if (isBeside && (proof.oneDead?.carried === false || !plan.probes?.slots)) return [];
  const old = dead === undefined ? run.ages.old(plan.line) : [];
  return [...judged.late, ...judged.unread(), ...old].map(named);
}

/** With several requests at once the bound is one for any order; this order may need less. */
function looseness(run: WorstCaseRun, { plan, proof }: ProvedLine): readonly number[] {
  const beyond = run.judges.get(plan.line)?.beyond ?? 0;
  return proof.holds || plan.window === 1 || beyond > 0 ? [] : [(proof.frame + beyond) / proof.fullest.time];
}
