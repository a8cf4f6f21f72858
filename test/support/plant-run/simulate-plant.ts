import type { Plant } from "../../../src/config/plant/plant.ts";
import { type Ms, ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { livablePlant } from "./generated-plant.ts";
import { lineSite } from "./line-site.ts";
import { plantOfSeed } from "./plant-of-seed.ts";
import type { PlantReport } from "./plant-run.ts";
import { PlantSite } from "./plant-site.ts";
import type { Trouble } from "./trouble.ts";
import { withoutParts } from "./without-parts.ts";

/**
 * How what is on a wire is handed over. `whole`: frames when their last character has passed, which is cheap; nobody
 * knows then that somebody else is talking. `pieces`: as a receiver with a small buffer does.
 */
export type HandOver = "whole" | "pieces";

const HAND_OVER: Readonly<Record<HandOver, Ms>> = { whole: ms(1000), pieces: ms(1) };

/** One run: the same gives the same trace. */
export interface SimulatedCase {
  readonly seed: number;
  readonly span: Ms;
  /** `wire`: ten slaves on one wire; `generated`: one to three lines of every kind. */
  readonly plant?: "wire" | "generated" | undefined;
  readonly handOver?: HandOver | undefined;
  /** Devices (`d1`) and tags (`d1/holding10`) that are left out. */
  readonly without?: readonly string[] | undefined;
  /** What goes wrong; everything where it is not said. */
  readonly troubles?: readonly Trouble[] | undefined;
}

/** A seeded plant for so long in virtual time, with everything that can go wrong. */
export async function simulatePlant(run: SimulatedCase): Promise<PlantReport> {
  const { seed, span, handOver = "whole", troubles } = run;
  const clock = new VirtualClock();
  const site = new PlantSite({ plant: simulatedPlant(run), seed, clock });
  const { hash, plant } = site;
  const sites = [...plant.lines.values()].map((settings) => {
    const slaves = site.slavesOn(settings.name);
    const random = site.chance(`line ${settings.name}`);
    return lineSite({ settings, slaves, clock, random, hash, pace: "chance", handOver: HAND_OVER[handOver] });
  });
  const report = await site.run(sites, troubles && new Set(troubles)).run(span, (share) => clock.advance(share));
  for (const each of sites) each.close();
  await clock.advance(ms(1000));
  const left = clock.pending.map((timer) => `the timer "${timer}" is left`);
  return { ...report, broken: [...report.broken, ...left] };
}

/** The plant of such a run. */
export function simulatedPlant({ seed, plant = "generated", without = [] }: SimulatedCase): Plant {
  return withoutParts(plant === "wire" ? plantOfSeed(seed) : livablePlant(seed), new Set(without));
}
