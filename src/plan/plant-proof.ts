import type { LineSettings, Plant } from "../config/plant/plant.ts";
import { tagTable } from "../device/tag-table.ts";
import type { Ms } from "../kit/time.ts";
import type { LinePlan } from "./line-plan.ts";
import { type LineProof, proveLine } from "./line-proof.ts";
import { scanPlan } from "./scan-plan.ts";

/** A line's table and what is proved of it. */
export interface ProvedLine {
  readonly settings: LineSettings;
  readonly plan: LinePlan;
  readonly proof: LineProof;
}

export interface PlantProof {
  readonly plant: string;
  readonly period: Ms;
  readonly lines: readonly ProvedLine[];
  readonly holds: boolean;
}

/** Plans every line of a plant and proves it. */
export function provePlant(plant: Plant): PlantProof {
  const plans = scanPlan(plant, tagTable(plant.devices.values())).lines;
  const lines = [...plant.lines.values()].flatMap((settings) => {
    const plan = plans.get(settings.name);
    return plan ? [{ settings, plan, proof: proveLine(plan, settings, plant.scan) }] : [];
  });
  return { plant: plant.name, period: plant.scan.period, lines, holds: lines.every(({ proof }) => proof.holds) };
}
