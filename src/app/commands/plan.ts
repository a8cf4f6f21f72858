import { formatIssues } from "../../config/config-issue.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { loadWorkablePlant } from "../plan/load-workable-plant.ts";
import { planJson } from "../plan/plan-json.ts";
import { planText } from "../plan/plan-text.ts";

export interface PlanOptions {
  readonly json: boolean;
  /** Lists every read block, too. */
  readonly blocks?: boolean;
}

/** `takt plan`: the tables of a plant's lines and what is proved of them. One that does not hold is shown and refused. */
export function plan(file: string, options: PlanOptions, out: (text: string) => void): ExitCode {
  const loaded = loadWorkablePlant(file, { allowOverload: true });
  if (!loaded.ok) {
    out(formatIssues(loaded.failure));
    return EXIT.invalid;
  }
  const { plant, proof, overloads } = loaded.value;
  if (options.json) out(JSON.stringify(planJson(proof), null, 2));
  else out(planText(plant, proof, { blocks: options.blocks === true }));
  if (proof.holds) return EXIT.done;
  if (!options.json) out(`\n${formatIssues(overloads)}`);
  return EXIT.invalid;
}
