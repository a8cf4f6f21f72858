import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { plantTypes } from "../../../../src/app/programs/plant-types.ts";
import { loadPrograms } from "../../../../src/app/programs/load-programs.ts";
import { type Bench, bench } from "../../../../src/scan/program/bench.ts";
import type { RetainedRecord } from "../../../../src/scan/program/program.ts";
import { demoPlant } from "../../../support/slaves/simulated-cell.ts";

const PLANT = new URL("../../../../config/demo/plant.yaml", import.meta.url).pathname;

/** The demo's program, loaded anew: what a restart of the master leaves of the one before is what was retained. */
function start(retained: RetainedRecord = {}): Bench {
  const programs = loadPrograms(demoPlant());
  const [loaded] = programs.ok ? programs.value : [];
  assert.ok(loaded);
  return bench(loaded.program, { plant: PLANT, retained });
}

const comes = (cell: Bench): void => cell.set({ infeed: { exitEye: true, running: false } });
const goes = (cell: Bench): void => cell.set({ infeed: { exitEye: false, running: true } });
const ids = (cell: Bench): readonly string[] => cell.jobs.map(({ id }) => id);

describe("the program of the demo", () => {
  it("orders one job for a box that has come to rest, and names the box in it", () => {
    const cell = start();
    cell.step("1s");
    assert.deepEqual(cell.jobs, []);
    comes(cell);
    cell.step("5s");
    assert.deepEqual(
      cell.jobs.map(({ id, job, pool, labels }) => ({ id, job, pool, labels })),
      [{ id: "box-1", job: "carry", pool: "pickers", labels: { box: "1" } }],
    );
    assert.equal(cell.state, "running");
  });

  it("orders nothing while the box still rolls", () => {
    const cell = start();
    cell.set({ infeed: { exitEye: true, running: true } });
    cell.step("2s");
    assert.deepEqual(cell.jobs, []);
  });

  it("holds the belt until the box is gone, and orders for the next one while the first is still carried", () => {
    const cell = start();
    comes(cell);
    cell.step("1s");
    assert.equal(cell.outputs["infeed"]?.["holdAtExit"], true);
    cell.setJob("box-1", "running");
    goes(cell);
    cell.step("400ms");
    assert.equal(cell.outputs["infeed"]["holdAtExit"], false);
    assert.deepEqual(cell.said, ["box 1 is gone"]);
    comes(cell);
    cell.step("200ms");
    assert.deepEqual(ids(cell), ["box-1", "box-2"]);
  });

  it("keeps the arms from doing anything by themselves, dead or not", () => {
    const cell = start();
    cell.lose("picker1.auto", "picker1.fault", "picker2.ready");
    cell.step("2s");
    assert.equal(cell.state, "running");
    assert.deepEqual([cell.outputs["picker1"], cell.outputs["picker2"]], [{ auto: false }, { auto: false }]);
  });

  it("knows the box at the eye again after a restart, and orders it once more only under its own id", () => {
    const before = start();
    comes(before);
    before.step("1s");
    const after = start(before.retained);
    comes(after);
    after.step("900ms");
    assert.deepEqual(ids(after), [], "its job may just not be known yet");
    after.step("10s");
    assert.deepEqual(ids(after), ["box-1"]);
  });

  it("orders for a box that came while no master looked, once the job of the one before is over", () => {
    const cell = start();
    comes(cell);
    cell.step("1s");
    cell.setJob("box-1", "running");
    cell.step("10s");
    assert.deepEqual(ids(cell), ["box-1"]);
    cell.setJob("box-1", "done", "done");
    cell.step("4s");
    assert.deepEqual(ids(cell), ["box-1", "box-2"]);
  });

  it("tells that an arm has failed, and tries again with the box that still stands there, after a while", () => {
    const cell = start();
    comes(cell);
    cell.step("1s");
    cell.setJob("box-1", "failed", "noPart");
    cell.step("1s");
    assert.deepEqual([ids(cell), cell.alarms["failed"]], [["box-1"], true]);
    cell.step("3s");
    assert.deepEqual(ids(cell), ["box-1", "box-2"]);
  });

  it("calls a person to a job that is quarantined, and goes on when that is decided", () => {
    const cell = start();
    comes(cell);
    cell.step("1s");
    cell.setJob("box-1", "quarantined");
    cell.step("20s");
    assert.deepEqual([ids(cell), cell.alarms], [["box-1"], { undecided: true, failed: false }]);
    cell.setJob("box-1", "failed");
    cell.step("4s");
    assert.deepEqual([ids(cell), cell.alarms], [["box-1", "box-2"], { undecided: false, failed: false }]);
  });

  it("goes on with other boxes while one is undecided, but never loses sight of it", () => {
    const cell = start();
    for (let box = 1; box <= 12; box++) {
      comes(cell);
      cell.step("1s");
      if (cell.jobs.length < box) break;
      cell.setJob(`box-${box}`, box === 1 ? "quarantined" : "done");
      goes(cell);
      cell.step("1s");
    }
    assert.deepEqual([cell.jobs.length, cell.alarms["undecided"]], [8, true]);
    cell.setJob("box-1", "done");
    cell.step("1s");
    assert.deepEqual([cell.jobs.length, cell.alarms["undecided"]], [9, false]);
  });

  it("is blind without the photo-eye, and leaves the arms safe", () => {
    const cell = start();
    cell.step("1s");
    cell.lose("infeed.exitEye");
    cell.step("1s");
    assert.deepEqual([cell.state, cell.reason], ["blind", "infeed.exitEye is offline"]);
  });

  it("has the declarations that takt types writes", () => {
    const written = readFileSync(new URL("../../../../config/demo/takt-env.d.ts", import.meta.url), "utf8");
    assert.equal(written, plantTypes(demoPlant(), "takt types plant.yaml"), "takt types config/demo/plant.yaml");
  });
});
