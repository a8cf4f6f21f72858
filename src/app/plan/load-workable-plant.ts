import type { ConfigIssue } from "../../config/source/config-issue.ts";
import { loadPlant } from "../../config/plant/load-plant.ts";
import type { Plant } from "../../config/plant/plant.ts";
import { readYaml } from "../../config/source/read-yaml.ts";
import { issuesAt } from "../../config/source/source.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type PlantProof, provePlant } from "../../plan/plant-proof.ts";
import { overloads } from "./overloads.ts";

export interface WorkablePlant {
  readonly plant: Plant;
  readonly proof: PlantProof;
  /** Lines that do not hold, though that was allowed. */
  readonly overloads: readonly ConfigIssue[];
}

/** A plant without mistakes whose lines can carry what it reads, unless that is allowed not to be so. */
export function loadWorkablePlant(
  file: string,
  { allowOverload = false } = {},
): Result<WorkablePlant, readonly ConfigIssue[]> {
  const loaded = loadPlant(file);
  if (!loaded.ok) return loaded;
  const proof = provePlant(loaded.value);
  if (proof.holds) return ok({ plant: loaded.value, proof, overloads: [] });
  const root = readYaml(file);
  if (!root.ok) return root;
  const issues = issuesAt({ file, root: root.value }, overloads(loaded.value, proof));
  return allowOverload ? ok({ plant: loaded.value, proof, overloads: issues }) : err(issues);
}
