import assert from "node:assert/strict";
import type { Value } from "../../../src/device/quality.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { level, plantLike } from "../../support/plants/scan-plant.ts";

const LEVELS = Array.from({ length: 20 }, (_, index) => `level${index}`);

/** More writes than a frame has room for, and then one of a pair of registers: how many go in the cycle that takes them. */
async function sentWith(pair: Value): Promise<number> {
  const levels = LEVELS.map((name, index) => [name, { table: "holding", address: index, write: level() }] as const);
  const write = level({ safe: { value: [0, 0] } });
  const tags = { ...Object.fromEntries(levels), pair: { table: "holding", address: 40, count: 2, write } } as const;
  const bench = new ScanBench(plantLike({ belt: { tags } }), { window: 1 });
  await bench.run("200ms");
  const from = bench.reports.length;
  bench.set("belt", Object.fromEntries(LEVELS.map((name) => [name, 5])));
  bench.set("belt", { pair });
  await bench.run("20ms");
  return bench.reports.slice(from).reduce((most, { writes }) => Math.max(most, writes), 0);
}

describe("the declared safe value of an output of several registers", () => {
  it("goes past the write budget of its line, as every stop does", async () => {
    const ordinary = await sentWith([1, 1]);
    assert.ok(ordinary > 0 && ordinary < LEVELS.length, `${ordinary} writes fit into a frame`);
    assert.equal(await sentWith([0, 0]), ordinary + 1);
  });
});
