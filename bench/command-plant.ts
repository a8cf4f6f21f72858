import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPlant } from "../src/config/plant/load-plant.ts";
import type { Plant } from "../src/config/plant/plant.ts";
import { tagTable } from "../src/device/tag-table.ts";
import { type LineProof, proveLine } from "../src/plan/line-proof.ts";
import { scanPlan } from "../src/plan/scan-plan.ts";

export const PERIOD = 20;
/** Registers of one block; the blocks lie 200 apart. */
export const BLOCK = 100;
export const BLOCK_STEP = 200;
/** Written by commands, and read back. */
export const OUTPUT = 60_000;

export interface CommandPlant {
  readonly plant: Plant;
  readonly proof: LineProof;
  /** Read in every cycle, the output's register apart. */
  readonly blocks: number;
}

/** One slave, of which as many blocks are read in every cycle of 20 ms as the plan holds with the writes of commands. */
export function commandPlant(port: number): CommandPlant {
  for (let blocks = 12; blocks > 0; blocks--) {
    const plant = plantOf(port, blocks);
    const proof = proofOf(plant);
    if (proof.holds && proof.frame === PERIOD) return { plant, proof, blocks };
  }
  throw new Error("the plan holds no block at all");
}

function proofOf(plant: Plant): LineProof {
  const line = plant.lines.get("slave");
  const plan = scanPlan(plant, tagTable(plant.devices.values())).lines.get("slave");
  if (!line || !plan) throw new Error("the plant has no line");
  return proveLine(plan, line, plant.scan);
}

function plantOf(port: number, blocks: number): Plant {
  const folder = mkdtempSync(join(tmpdir(), "takt-bench-"));
  try {
    mkdirSync(join(folder, "devices/bench"), { recursive: true });
    const tags = Array.from({ length: blocks }, (_, at) => {
      return `  block${at}: { at: holding ${at * BLOCK_STEP}, type: uint16, count: ${BLOCK}, class: cycle }`;
    });
    const output = `  out: { at: holding ${OUTPUT}, class: slow, write: { kind: level } }`;
    writeFileSync(
      join(folder, "devices/bench/full.yaml"),
      ["profile: bench/full", "title: Read as much as its line carries", "tags:", ...tags, output].join("\n"),
    );
    const plant = [
      "plant: bench",
      `scan: { period: ${PERIOD}ms, classes: { cycle: ${PERIOD}ms } }`,
      `lines: { slave: { tcp: { host: 127.0.0.1, port: ${port} }, roundTrip: 3ms } }`,
      "devices: { full: { profile: bench/full, line: slave, unit: 1 } }",
    ];
    writeFileSync(join(folder, "plant.yaml"), plant.join("\n"));
    const loaded = loadPlant(join(folder, "plant.yaml"));
    if (!loaded.ok) throw new Error(loaded.failure.map((issue) => issue.message).join("; "));
    return loaded.value;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
