import { argv, exit, stdout } from "node:process";
import { parseArgs } from "node:util";
import { ms } from "../../../src/kit/time.ts";
import { keepShrunk } from "../plant-run/corpus.ts";
import { playPlant } from "../plant-run/play-plant.ts";
import type { PlantReport } from "../plant-run/plant-run.ts";
import { proofCases, tryProof } from "../plant-run/proof-case.ts";
import { simulateAll } from "../plant-run/simulate-all.ts";
import type { SimulatedCase } from "../plant-run/simulate-plant.ts";
import { TROUBLES } from "../plant-run/trouble.ts";

/**
 * `npm run sim -- [--seed N] [--seeds COUNT] [--hours H]`: lives in generated plants in virtual time; ends with 1 where a promise
 * was broken, and keeps what broke it, made smaller, where the tests play it again. `--plant wire [--pieces]`: ten slaves on one wire.
 * Seeds share `--processes N`, by default as many as the machine runs at once.
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
    processes: { type: "string" },
    proof: { type: "boolean", default: false },
  },
});
const hours = Number(values.hours);
const span = ms(hours * 3_600_000);
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => Number(values.seed) + index);
let broken = 0;

/** One line for each run, and what it did. */
async function tell<T extends { readonly broken: readonly string[] }>(what: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const report = await run();
  tellOf(`${what}: ${speed(hours, performance.now() - started)}`, report);
  return report;
}

function tellOf(line: string, report: { readonly broken: readonly string[] }): void {
  broken += report.broken.length;
  stdout.write(`${line}\n  ${JSON.stringify({ ...report, broken: report.broken.slice(0, 10) })}\n`);
}

function speed(lived: number, took: number): string {
  return `${lived} h in ${(took / 1000).toFixed(1)} s, ${Math.round((lived * 3_600_000) / took)} times real time`;
}

async function play(terminal: "serialport" | "tty"): Promise<void> {
  for (const seed of seeds) await tell(`seed ${seed}`, () => playPlant(seed, span, terminal));
}

async function live(): Promise<void> {
  const plant = values.plant === "wire" ? "wire" : "generated";
  const handOver = values.pieces ? "pieces" : "whole";
  const lives = seeds.map((seed): SimulatedCase => ({ seed, span, plant, handOver, troubles: TROUBLES }));
  const failing: { readonly found: string; readonly life: SimulatedCase }[] = [];
  const started = performance.now();
  const told = (life: SimulatedCase, report: PlantReport): void => {
    tellOf(`seed ${life.seed}`, report);
    const [found] = report.broken;
    if (found !== undefined) failing.push({ found, life });
  };
  await simulateAll(lives, told, values.processes === undefined ? undefined : Number(values.processes));
  stdout.write(`${seeds.length} seeds: ${speed(hours * seeds.length, performance.now() - started)}\n`);
  for (const each of failing) stdout.write(`seed ${each.life.seed} is kept in ${await keepShrunk(each)}\n`);
}

async function prove(seed: number): Promise<void> {
  const { holds, refused, carries } = proofCases(seed, span);
  for (const proof of [holds, ...(refused ? [refused] : []), carries]) {
    const about = proof.dead === undefined ? "" : `, ${proof.dead} dead`;
    const {
      broken: [found],
    } = await tell(`seed ${seed}, pace ${proof.pace}${about}`, () => tryProof(proof));
    if (found !== undefined) stdout.write(`  kept in ${await keepShrunk({ found, proof })}\n`);
  }
}

if (values.pty) await play(values.pty === "tty" ? "tty" : "serialport");
else if (values.proof) for (const seed of seeds) await prove(seed);
else await live();
exit(broken > 0 ? 1 : 0);
