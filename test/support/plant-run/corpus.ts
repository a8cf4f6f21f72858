import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { proofPlant, type ProofCase, tryProof } from "./proof-case.ts";
import { kindOf, shrunk } from "./shrink.ts";
import { simulatedPlant, type SimulatedCase, simulatePlant } from "./simulate-plant.ts";

/** A run that once broke a promise, as small as it could be made. */
export type Kept =
  { readonly found: string; readonly life: SimulatedCase } | { readonly found: string; readonly proof: ProofCase };

/** All of them are played in the tests. */
const FOLDER = fileURLToPath(new URL("../../fixtures/simulation/corpus", import.meta.url));

export function keptRuns(): readonly Kept[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  return files.sort().map((name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Kept);
}

/** What it breaks; nothing, where all is well. */
export async function replay(kept: Kept): Promise<readonly string[]> {
  return (await ("life" in kept ? simulatePlant(kept.life) : tryProof(kept.proof))).broken;
}

/** Makes a run that breaks this promise as small as it gets, and keeps it; gives the file. */
export async function keepShrunk(failing: Kept): Promise<string> {
  const kind = kindOf(failing.found);
  const smaller =
    "life" in failing
      ? { life: await shrunk(failing.life, simulatedPlant, (life) => breaks({ found: "", life }, kind)) }
      : { proof: await shrunk(failing.proof, proofPlant, (proof) => breaks({ found: "", proof }, kind)) };
  const [found = failing.found] = await replay({ found: "", ...smaller });
  const kept: Kept = { found, ...smaller };
  const name = "life" in kept ? `life-${kept.life.seed}` : `proof-${kept.proof.seed}-${kept.proof.pace}`;
  const file = join(FOLDER, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`);
  return file;
}

/** What cannot be planned at all, or throws, is another matter. */
async function breaks(kept: Kept, kind: string | undefined): Promise<boolean> {
  return replay(kept).then(
    (broken) => broken.some((each) => kindOf(each) === kind),
    () => false,
  );
}
