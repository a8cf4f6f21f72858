import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPlant } from "../src/config/plant/load-plant.ts";
import type { Plant } from "../src/config/plant/plant.ts";
import type { Ms } from "../src/kit/time.ts";

export interface BenchPlantOptions {
  readonly port: number;
  readonly period: Ms;
  /** Tags that are another value at every read; one that nobody publishes where 0. */
  readonly changing: number;
}

/** Written in every cycle. */
const BEAT_REGISTER = 1000;

/** One slave on loopback that is read and written in every cycle. */
export function benchPlant({ port, period, changing }: BenchPlantOptions): Plant {
  const folder = mkdtempSync(join(tmpdir(), "takt-bench-"));
  try {
    mkdirSync(join(folder, "devices/bench"), { recursive: true });
    const tags = Array.from({ length: Math.max(1, changing) }, (_, at) => {
      const quiet = changing === 0 ? ", deadband: 65535" : "";
      return `  value${at}: { at: holding ${at}, class: cycle${quiet} }`;
    });
    const beat = `  beat: { at: holding ${BEAT_REGISTER}, class: cycle, write: { kind: level, verify: none } }`;
    // Due in every cycle: the shortest time that can be written is below the shortest period.
    const heartbeat = "heartbeat: { tag: beat, every: 1ms, timeout: 10s, covers: [beat] }";
    const profile = ["profile: bench/counter", "title: Counts", "tags:", ...tags, beat, heartbeat];
    writeFileSync(join(folder, "devices/bench/counter.yaml"), profile.join("\n"));
    const plant = [
      "plant: bench",
      `scan: { period: ${period}ms, classes: { cycle: ${period}ms } }`,
      `lines: { slave: { tcp: { host: 127.0.0.1, port: ${port} } } }`,
      "devices: { counter: { profile: bench/counter, line: slave, unit: 1 } }",
    ];
    writeFileSync(join(folder, "plant.yaml"), plant.join("\n"));
    const loaded = loadPlant(join(folder, "plant.yaml"));
    if (!loaded.ok) throw new Error(loaded.failure.map((issue) => issue.message).join("; "));
    return loaded.value;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
