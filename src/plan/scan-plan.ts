import type { Plant } from "../config/plant/plant.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { LinePlan } from "./line-plan.ts";
import { planLine } from "./plan-line.ts";

/** What is read when, line by line. */
export interface ScanPlan {
  readonly lines: ReadonlyMap<string, LinePlan>;
}

/** Lays the tags of a plant into read blocks and these into the frames of their lines; the same plant gives the same plan. */
export function scanPlan(plant: Plant, entries: readonly TagEntry[]): ScanPlan {
  const own = new Map<string, TagEntry[]>([...plant.lines.keys()].map((line) => [line, []]));
  for (const entry of entries) own.get(entry.device.line)?.push(entry);
  return {
    lines: new Map([...plant.lines].map(([name, line]) => [name, planLine(line, own.get(name) ?? [], plant.scan)])),
  };
}
