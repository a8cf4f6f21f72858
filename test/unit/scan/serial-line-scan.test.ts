import assert from "node:assert/strict";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { ms } from "../../../src/kit/time.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { type DeviceSketch, level, plantLike, serialLine } from "../../support/plants/scan-plant.ts";

const UNITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const TIMEOUT = ms(200);

function device(unit: number, rest: Partial<DeviceSketch> = {}): DeviceSketch {
  const tags = { a: { address: 0, scanClass: "normal" } };
  return { unit, timing: { turnaround: ms(5), responseTimeout: TIMEOUT }, tags, ...rest };
}

/** Units on one wire that carries one transaction at a time. */
function wire(units: readonly number[], rest: Partial<DeviceSketch> = {}): ScanBench {
  const plant: Plant = plantLike(Object.fromEntries(units.map((unit) => [`d${unit}`, device(unit, rest)])));
  return new ScanBench({ ...plant, lines: new Map([["cell", serialLine("cell", 19_200)]]) }, { window: 1 });
}

/** How long after the one before it each read of `unit` reached it, within the last `span`. */
function intervals(bench: ScanBench, unit: number, from: number): readonly number[] {
  const times = bench.line().received.flatMap((each) => (each.unit === unit && each.at >= from ? [each.at] : []));
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

describe("one dead slave among ten on a wire", () => {
  it("costs the other nine nothing but its probes", async () => {
    const [whole, hurt] = [wire(UNITS), wire(UNITS)];
    hurt.unit(10).silent = true;
    const began = whole.now + 10_000;
    for (const bench of [whole, hurt]) {
      await bench.run("10s");
      await bench.run("60s");
    }
    assert.equal(hurt.status("d10"), "offline");
    const probes = 60_000 / 5000;
    for (const unit of UNITS.slice(0, 9)) {
      const [before, after] = [intervals(whole, unit, began), intervals(hurt, unit, began)];
      assert.ok(Math.max(...before) <= 120, `unit ${unit}: ${Math.max(...before)} ms without the dead one`);
      assert.ok(Math.max(...after) <= 120 + TIMEOUT, `unit ${unit}: ${Math.max(...after)} ms beside it`);
      const late = after.filter((interval) => interval > 120).length;
      assert.ok(late <= probes + 1, `unit ${unit} was held up ${late} times by ${probes} probes`);
      assert.ok(before.length - after.length <= (probes + 1) * 3, `${before.length - after.length} reads lost`);
    }
    assert.deepEqual(
      UNITS.slice(0, 9).map((unit) => hurt.status(`d${unit}`)),
      Array(9).fill("online"),
    );
  });
});

describe("what ails a wire", () => {
  const events = (bench: ScanBench): readonly string[] =>
    bench.sink.events.map(({ event }) => event).filter((event) => /^(line|unit)\./.test(event));

  it("is told when every answer is damaged, with a hint, and when it is over", async () => {
    const bench = wire([1, 2, 3]);
    for (const unit of [1, 2, 3]) bench.unit(unit).fate = () => "damaged";
    await bench.run("20s");
    const [garbled] = bench.sink.events.filter(({ event }) => event === "line.garbled");
    assert.equal(garbled?.fields["format"], "19200 8E1");
    assert.match(String(garbled.fields["hint"]), /baud rate/);
    assert.ok(bench.logs.some(({ event, level: severity }) => event === "line.garbled" && severity === "warn"));
    for (const unit of [1, 2, 3]) bench.unit(unit).fate = () => "delivered";
    await bench.run("10s");
    assert.deepEqual(events(bench), ["line.garbled", "line.understood"]);
    assert.equal(bench.status("d1"), "online");
  });

  it("is told when no unit answers", async () => {
    const bench = wire([1, 2, 3]);
    for (const unit of [1, 2, 3]) bench.unit(unit).silent = true;
    await bench.run("10s");
    assert.deepEqual(events(bench), ["line.silent"]);
  });

  it("is not looked for on a line without a wire", async () => {
    const bench = new ScanBench(plantLike({ d1: device(1), d2: device(2) }));
    for (const unit of [1, 2]) bench.unit(unit).fate = () => "damaged";
    await bench.run("20s");
    assert.deepEqual(events(bench), []);
  });

  it("is told when the line goes down, with the reason, and when it is back", async () => {
    const bench = wire([1]);
    await bench.run("1s");
    bench.line().down("the adapter was unplugged");
    await bench.run("1s");
    bench.line().open();
    await bench.run("1s");
    assert.deepEqual(events(bench), ["line.down", "line.up"]);
    const down = bench.sink.events.find(({ event }) => event === "line.down");
    assert.deepEqual(down?.fields, { line: "cell", reason: "the adapter was unplugged" });
  });
});

describe("a unit that may be there twice", () => {
  const OUTPUT = {
    tags: {
      a: { address: 0, scanClass: "normal" },
      run: { table: "coil", address: 0, type: "bool", scanClass: "normal", write: level({ refresh: ms(500) }) },
    },
  } as const;

  it("is named, and nothing is written to it that nobody asked for, until it is alone again", async () => {
    const bench = wire([1, 2, 3], OUTPUT);
    await bench.run("2s");
    await bench.outcome(bench.set("d3", { run: true }));
    let turn = 0;
    bench.unit(3).fate = () => (turn++ % 2 === 0 ? "damaged" : "delivered");
    await bench.run("10s");
    const [suspected] = bench.sink.events.filter(({ event }) => event === "unit.duplicateSuspected");
    assert.deepEqual([suspected?.fields["unit"], suspected?.fields["device"]], [3, "d3"]);
    const writes = bench.line().writes(3).length;
    await bench.run("10s");
    assert.equal(bench.line().writes(3).length, writes);
    bench.set("d3", { run: false });
    await bench.run("2s");
    assert.ok(bench.line().writes(3).length > writes, "what is asked for is tried");
    bench.unit(3).fate = () => "delivered";
    await bench.run("10s");
    assert.ok(bench.sink.events.some(({ event }) => event === "unit.duplicateCleared"));
  });
});
