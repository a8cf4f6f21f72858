import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { plantTypes } from "../../../../src/app/programs/plant-types.ts";
import { loadPrograms } from "../../../../src/app/programs/load-programs.ts";
import type { Value } from "../../../../src/device/quality.ts";
import { type Bench, bench } from "../../../../src/scan/program/bench.ts";
import { demoPlant, simulatedCell, type SimulatedCell } from "../../../support/simulated-cell.ts";

const READ = {
  infeed: ["exitEye", "running"],
  picker1: ["fault", "holding"],
  picker2: ["fault", "holding"],
} as const;

const PLANT = new URL("../../../../config/demo/plant.yaml", import.meta.url).pathname;

/** The demo's program on the simulated cell, in steps of one cycle. */
class Cell {
  readonly cell: SimulatedCell = simulatedCell(["infeed", "outfeed", "picker1", "picker2"]);
  readonly bench: Bench;
  /** Arms that do not answer. */
  readonly dead = new Set<string>();
  readonly #written = new Map<string, Value>();

  constructor() {
    const programs = loadPrograms(demoPlant());
    const [loaded] = programs.ok ? programs.value : [];
    assert.ok(loaded);
    this.bench = bench(loaded.program, { plant: PLANT });
  }

  run(seconds: number): void {
    for (let cycle = 0; cycle < seconds * 50; cycle++) this.#cycle();
  }

  #cycle(): void {
    this.cell.run(0.02);
    for (const [device, tags] of Object.entries(READ)) {
      for (const tag of tags) {
        if (this.dead.has(device)) this.bench.lose(`${device}.${tag}`);
        else this.bench.set({ [device]: { [tag]: this.cell.get(device, tag) } });
      }
    }
    this.bench.step();
    for (const [device, tags] of Object.entries(this.bench.outputs)) {
      for (const [tag, value] of Object.entries(tags)) this.#write(device, tag, value);
    }
    // their heartbeat
    for (const device of Object.keys(READ)) this.cell.write(device, { masterAlive: this.#beat++ % 1000 });
  }

  #beat = 0;

  #write(device: string, tag: string, value: Value): void {
    if (this.dead.has(device) || this.#written.get(`${device}.${tag}`) === value) return;
    this.#written.set(`${device}.${tag}`, value);
    this.cell.write(device, { [tag]: value });
  }

  picks(arm: string): number {
    return Number(this.cell.get(arm, "picks"));
  }
}

describe("the program of the demo", () => {
  it("holds each box at the photo-eye until an arm has it, and asks the arms in turn", () => {
    const cell = new Cell();
    cell.run(120);
    const picks = [cell.picks("picker1"), cell.picks("picker2")];
    assert.equal(cell.bench.state, "running");
    assert.ok(Math.min(...picks) >= 8, picks.join(" and "));
    assert.ok(Math.abs((picks[0] ?? 0) - (picks[1] ?? 0)) <= 1, picks.join(" and "));
    assert.equal(cell.bench.retained["picked"], cell.cell.world.belts[0]?.departed);
  });

  it("goes on with one arm while the other is dead", () => {
    const cell = new Cell();
    cell.run(30);
    cell.dead.add("picker2");
    const before = [cell.picks("picker1"), Number(cell.bench.retained["picked"])] as const;
    cell.run(60);
    assert.equal(cell.bench.state, "running");
    assert.ok(cell.picks("picker1") >= before[0] + 5, `${cell.picks("picker1")} after ${before[0]}`);
  });

  it("asks nobody while nothing stands at the photo-eye", () => {
    const { bench: table } = new Cell();
    table.step("1s");
    assert.deepEqual(table.outputs["picker1"], { auto: false });
    assert.deepEqual(table.outputs["picker2"], { auto: false });
  });

  it("has the declarations that takt types writes", () => {
    const written = readFileSync(new URL("../../../../config/demo/takt-env.d.ts", import.meta.url), "utf8");
    assert.equal(written, plantTypes(demoPlant(), "takt types plant.yaml"), "takt types config/demo/plant.yaml");
  });
});
