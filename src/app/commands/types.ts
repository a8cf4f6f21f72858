import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formatIssues } from "../../config/source/config-issue.ts";
import { loadPlant } from "../../config/plant/load-plant.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { plantTypes } from "../programs/plant-types.ts";

/** `takt types`: declarations for the programs of a plant, so that an editor and tsc know its devices and tags. */
export function types(file: string, options: { readonly out?: string }, out: (text: string) => void): ExitCode {
  const plant = loadPlant(file);
  if (!plant.ok) {
    out(formatIssues(plant.failure, "Nothing was written."));
    return EXIT.invalid;
  }
  const target = options.out ?? join(dirname(file), "takt-env.d.ts");
  writeFileSync(target, plantTypes(plant.value, `takt types ${basename(file)}`));
  const { size } = plant.value.devices;
  out(`${target}: the tags of ${size} ${size === 1 ? "device" : "devices"}, for programs in TypeScript.`);
  return EXIT.done;
}
