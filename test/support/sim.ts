import { argv, exit, stdout } from "node:process";
import { parseArgs } from "node:util";
import { ms } from "../../src/kit/time.ts";
import { keepShrunk } from "./plant-run/corpus.ts";
import { playPlant } from "./plant-run/play-plant.ts";
import { proofCases, tryProof } from "./plant-run/proof-case.ts";
import { type SimulatedCase, simulatePlant } from "./plant-run/simulate-plant.ts";
import { TROUBLES } from "./plant-run/trouble.ts";

/**
 * `npm run sim -- [--seed N] [--seeds COUNT] [--hours H]`: lives in generated plants in virtual time; ends with 1 where a promise
 * was broken, and keeps what broke it, made smaller, where the tests play it again. `--plant wire [--pieces]`: ten slaves on one wire.
 * `--proof`: the plants' proofs are put to the test. `--pty serialport` or `--pty tty`: the wire in real time over a pseudo-terminal.
 */
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    hours: { type: "string", default: "1" },
    pty: { type: "string" },
    plant: { type: "string", default: "generated" },
    pieces: { type: "boolean", default: false },
    proof: { type: "boolean", default: false },
  },
});
const hours = Number(values.hours);
const span = ms(hours * 3_600_000);
let broken = 0;

/** One line for each run, and what it did. */
async function tell(
  what: string,
  run: () => Promise<{ readonly broken: readonly string[] }>,
): Promise<string | undefined> {
  const started = performance.now();
  const report = await run();
  const took = (performance.now() - started) / 1000;
  broken += report.broken.length;
  const speed = Math.round((hours * 3600) / took);
  stdout.write(`${what}: ${hours} h in ${took.toFixed(1)} s, ${speed} times real time\n`);
  stdout.write(`  ${JSON.stringify({ ...report, broken: report.broken.slice(0, 10) })}\n`);
  return report.broken[0];
}

async function live(seed: number): Promise<void> {
  const { pty, pieces } = values;
  if (pty) {
    await tell(`seed ${seed}`, () => playPlant(seed, span, pty === "tty" ? "tty" : "serialport"));
    return;
  }
  const plant = values.plant === "wire" ? "wire" : "generated";
  const life: SimulatedCase = { seed, span, plant, handOver: pieces ? "pieces" : "whole", troubles: TROUBLES };
  const found = await tell(`seed ${seed}`, () => simulatePlant(life));
  if (found !== undefined) stdout.write(`  kept in ${await keepShrunk({ found, life })}\n`);
}

async function prove(seed: number): Promise<void> {
  const { holds, refused, carries } = proofCases(seed, span);
  for (const proof of [holds, ...(refused ? [refused] : []), carries]) {
    const about = proof.dead === undefined ? "" : `, ${proof.dead} dead`;
    const found = await tell(`seed ${seed}, pace ${proof.pace}${about}`, () => tryProof(proof));
    if (found !== undefined) stdout.write(`  kept in ${await keepShrunk({ found, proof })}\n`);
  }
}

for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed++) {
  await (values.proof ? prove(seed) : live(seed));
}
exit(broken > 0 ? 1 : 0);
