import { writeFileSync } from "node:fs";
import { formatIssues } from "../../config/source/config-issue.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { loadWorkablePlant, type WorkablePlant } from "../plan/load-workable-plant.ts";
import { planJson } from "../plan/plan-json.ts";
import { planPage } from "../plan/plan-page.ts";
import { planText } from "../plan/plan-text.ts";
import { errorMessage } from "../../kit/error-message.ts";

export interface PlanOptions {
  readonly json: boolean;
  /** Lists every read block, too. */
  readonly blocks?: boolean;
  /** Writes a page for a browser to this file. */
  readonly html?: string;
}

/** `takt plan`: the tables of a plant's lines and what is proved of them. One that does not hold is shown and refused. */
export function plan(file: string, options: PlanOptions, out: (text: string) => void): ExitCode {
  const loaded = loadWorkablePlant(file, { allowOverload: true });
  if (!loaded.ok) {
    out(formatIssues(loaded.failure));
    return EXIT.invalid;
  }
  const { plant, proof, overloads } = loaded.value;
  if (options.html !== undefined && !writePage(options.html, loaded.value, out)) return EXIT.invalid;
  if (options.json) out(JSON.stringify(planJson(proof), null, 2));
  else if (options.html !== undefined) out(`The page is in ${options.html}.`);
  else out(planText(plant, proof, { blocks: options.blocks === true }));
  if (proof.holds) return EXIT.done;
  if (!options.json) out(`\n${formatIssues(overloads)}`);
  return EXIT.invalid;
}

function writePage(file: string, { plant, proof, overloads }: WorkablePlant, out: (text: string) => void): boolean {
  const problems = overloads.map(({ message, hint }) => (hint === undefined ? message : `${message}\n  ${hint}`));
  try {
    writeFileSync(file, planPage(plant, proof, problems));
    return true;
  } catch (error) {
    out(`${file} cannot be written: ${errorMessage(error)}`);
    return false;
  }
}
