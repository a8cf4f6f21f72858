import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConfigIssue, formatIssue } from "../../../src/config/source/config-issue.ts";
import { readPlant } from "../../../src/config/plant/load-plant.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { ProfileLibrary } from "../../../src/config/profile/profile-library.ts";
import { parseYaml } from "../../../src/config/source/read-yaml.ts";
import type { Result } from "../../../src/kit/result.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** The plants of one folder of fixtures, by the names of their files. */
export function fixturePlants(folder: string): readonly string[] {
  return readdirSync(join(FIXTURES, folder)).filter((name) => name.endsWith(".yaml"));
}

export function fixtureText(folder: string, name: string): string {
  return readFileSync(join(FIXTURES, folder, name), "utf8");
}

/** Reads `text` as if it were a plant of the folder; only the folder's own profiles are known. */
export function readFixture(folder: string, text: string): Result<Plant, readonly ConfigIssue[]> {
  const file = join(FIXTURES, folder, "plant.yaml");
  const yaml = parseYaml(text, file);
  return yaml.ok
    ? readPlant({ file, root: yaml.value }, new ProfileLibrary([join(FIXTURES, folder, "devices")]))
    : yaml;
}

/** The issues as people read them, files relative to the folder and the plant called `name`. */
export function issueLines(folder: string, name: string, issues: readonly ConfigIssue[]): readonly string[] {
  const base = join(FIXTURES, folder);
  return issues.flatMap((issue) => {
    const file = relative(base, issue.file).replace(/^plant\.yaml$/, name);
    const message = issue.message.replaceAll(`${base}/`, "");
    return formatIssue({ ...issue, file, message }).split("\n");
  });
}
