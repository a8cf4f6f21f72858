import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { plantLike, serialLine } from "../../support/plants/scan-plant.ts";

const TABLES = ["holding", "input"] as const;

/** Six blocks on one serial wire; every answer takes so long. */
function wire(scanClass: string, latency: number, extra = {}): ScanBench {
  const tags = (unit: number): object =>
    Object.fromEntries(TABLES.map((table) => [table, { table, address: unit, scanClass }]));
  const devices = [1, 2, 3].map((unit) => [`d${unit}`, { unit, tags: { ...tags(unit), ...extra } }] as const);
  const plant = plantLike(Object.fromEntries(devices));
  const line = { ...serialLine("cell", 115_200), hostLatency: ms(0) };
  const bench = new ScanBench({ ...plant, lines: new Map([["cell", line]]) }, { window: 1 });
  for (const unit of [1, 2, 3]) bench.unit(unit).latency = ms(latency);
  return bench;
}

function overruns(bench: ScanBench, from: number): number {
  return bench.reports.slice(from).reduce((sum, report) => sum + report.overruns, 0);
}

describe("a frame", () => {
  it("that is not finished when the next begins is an overrun; what it left unread goes first at its next turn", async () => {
    const bench = wire("normal", 40);
    await bench.run("2s");
    const from = bench.reports.length;
    bench.line().received.splice(0);
    await bench.run("10s");
    const frames = 10_000 / 100;
    assert.ok(overruns(bench, from) >= frames - 1, `${overruns(bench, from)} of ${frames}`);
    const reads = [1, 2, 3].flatMap((unit) =>
      [3, 4].map((fc) => bench.line().received.filter((each) => each.unit === unit && each.request.fc === fc).length),
    );
    const [least, most] = [Math.min(...reads), Math.max(...reads)];
    assert.ok(least >= 20 && most <= 2 * least, `reads of each block: ${reads.join(" ")}`);
  });

  it("that holds is never an overrun", async () => {
    const bench = wire("normal", 5);
    await bench.run("2s");
    const from = bench.reports.length;
    await bench.run("10s");
    assert.equal(overruns(bench, from), 0);
  });

  const REST = { rest: { table: "coil", type: "bool", address: 9, scanClass: "onDemand" } } as const;

  it("is not overrun by what has no turn: that waits for room", async () => {
    const bench = wire("normal", 14, REST);
    await bench.run("2s");
    const from = bench.reports.length;
    for (let turn = 0; turn < 20; turn++) {
      for (const unit of [1, 2, 3]) bench.engine.demand(`d${unit}`, new Set(["rest"]));
      await bench.run("60ms");
    }
    await bench.run("1s");
    assert.equal(overruns(bench, from), 0);
    for (const unit of [1, 2, 3]) assert.equal(bench.show(`d${unit}/rest`), "false good ok");
  });

  it("begins with what has a turn in it, though the line would take more at once", async () => {
    const tags = { a: { address: 0, scanClass: "normal" }, ...REST } as const;
    const plant = plantLike(Object.fromEntries([1, 2, 3].map((unit) => [`d${unit}`, { unit, tags }])));
    const [cell] = plant.lines.values();
    assert.ok(cell?.kind === "tcp");
    const bench = new ScanBench(
      { ...plant, lines: new Map([["cell", { ...cell, roundTrip: ms(30) }]]) },
      { window: 2 },
    );
    for (const unit of [1, 2, 3]) bench.unit(unit).latency = ms(20);
    await bench.run("2s");
    while (bench.reports.at(-1)?.cycle !== 103) await bench.run("20ms");
    bench.line().received.splice(0);
    for (const unit of [1, 2, 3]) bench.engine.demand(`d${unit}`, new Set(["rest"]));
    await bench.run("200ms");
    const asked = bench.line().received.map(({ request }) => request.fc);
    assert.deepEqual(asked.slice(0, 6), [3, 3, 3, 1, 1, 1]);
  });

  it("that never has room lets what has no turn pass all the same, now and then", async () => {
    const bench = wire("normal", 16, REST);
    await bench.run("10s");
    const from = bench.reports.length;
    for (const unit of [1, 2, 3]) bench.engine.demand(`d${unit}`, new Set(["rest"]));
    await bench.run("10s");
    for (const unit of [1, 2, 3]) assert.equal(bench.show(`d${unit}/rest`), "false good ok");
    assert.ok(overruns(bench, from) <= 6, `${overruns(bench, from)} overruns`);
  });
});
