import type { ConfigIssue } from "../../config/config-issue.ts";
import { loadPlant } from "../../config/load-plant.ts";
import type { Plant } from "../../config/plant.ts";
import { readYaml } from "../../config/read-yaml.ts";
import { issuesAt } from "../../config/source.ts";
import { err, type Result } from "../../kit/result.ts";
import { overloads } from "./overloads.ts";

/** A plant without mistakes whose serial wires can carry what it reads. */
export function loadWorkablePlant(file: string): Result<Plant, readonly ConfigIssue[]> {
  const loaded = loadPlant(file);
  if (!loaded.ok) return loaded;
  const findings = overloads(loaded.value);
  if (findings.length === 0) return loaded;
  const root = readYaml(file);
  return root.ok ? err(issuesAt({ file, root: root.value }, findings)) : root;
}
