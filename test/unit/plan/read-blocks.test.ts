import assert from "node:assert/strict";
import { tagTable } from "../../../src/device/tag-table.ts";
import { bisect, entriesOf, formatBlock, type ReadBlock, readRequest } from "../../../src/plan/read-block.ts";
import { readBlocks } from "../../../src/plan/read-blocks.ts";
import { scanPlan } from "../../../src/plan/scan-plan.ts";
import { deviceLike, type DeviceSketch, plantLike } from "../../support/plants/scan-plant.ts";

const CLASSES = ["fast", "normal", "slow"];

function blocksOf(tags: DeviceSketch["tags"], limits: DeviceSketch["limits"] = {}): readonly ReadBlock[] {
  const device = deviceLike("d", { tags, limits });
  return readBlocks(device, tagTable([device]), { classes: CLASSES });
}

/** `fast holding 0..3: a b` */
function show(block: ReadBlock): string {
  return `${block.scanClass} ${formatBlock(block)}: ${entriesOf(block)
    .map((entry) => entry.tag.name)
    .join(" ")}`;
}

const at = (address: number, scanClass = "fast"): { address: number; scanClass: string } => ({ address, scanClass });

describe("read blocks", () => {
  const rows: readonly (readonly [string, readonly ReadBlock[], readonly string[]])[] = [
    ["neighbours together", blocksOf({ a: at(0), b: at(1) }), ["fast holding 0..1: a b"]],
    ["across a gap of its limit", blocksOf({ a: at(0), b: at(9) }), ["fast holding 0..9: a b"]],
    ["not across a wider gap", blocksOf({ a: at(0), b: at(10) }), ["fast holding 0: a", "fast holding 10: b"]],
    [
      "no gap where the device allows none",
      blocksOf({ a: at(0), b: at(1), c: at(3) }, { gap: 0 }),
      ["fast holding 0..1: a b", "fast holding 3: c"],
    ],
    [
      "no longer than the device allows",
      blocksOf({ a: at(0), b: at(1), c: at(2) }, { readRegisters: 2 }),
      ["fast holding 0..1: a b", "fast holding 2: c"],
    ],
    [
      "bits by their own limit",
      blocksOf(
        { a: { ...at(0), table: "coil", type: "bool" }, b: { ...at(1), table: "coil", type: "bool" } },
        { readBits: 1 },
      ),
      ["fast coil 0: a", "fast coil 1: b"],
    ],
    ["tables apart", blocksOf({ a: at(0), b: { ...at(1), table: "input" } }), ["fast input 1: b", "fast holding 0: a"]],
    ["classes apart", blocksOf({ a: at(0), b: at(20, "slow") }), ["fast holding 0: a", "slow holding 20: b"]],
    [
      "a slower tag along with a faster block that covers it",
      blocksOf({ a: at(0), b: at(4), c: at(2, "slow") }),
      ["fast holding 0..4: a c b"],
    ],
    [
      "no slower tag that a faster block covers in part",
      blocksOf({ a: at(0), c: { ...at(0, "slow"), type: "uint32" } }),
      ["fast holding 0: a", "slow holding 0..1: c"],
    ],
    [
      "no tag along that is not read in turn",
      blocksOf({ a: at(0), b: at(4), c: at(2, "once") }),
      ["fast holding 0..4: a b", "once holding 2: c"],
    ],
    [
      "a group whole, as often as its most often read tag",
      blocksOf({ a: { ...at(0), group: "g" }, b: { ...at(30, "slow"), group: "g" } }),
      ["fast holding 0..30: a b"],
    ],
    [
      "bits of one register once",
      blocksOf({ a: { ...at(4), bits: [0, 3] }, b: { ...at(4), bits: [4, 7] } }),
      ["fast holding 4: a b"],
    ],
    [
      "once and on demand apart",
      blocksOf({ a: at(0, "once"), b: at(1, "onDemand") }),
      ["once holding 0: a", "onDemand holding 1: b"],
    ],
    ["nothing of no tags", blocksOf({}), []],
  ];
  for (const [what, blocks, expected] of rows) it(`read ${what}`, () => assert.deepEqual(blocks.map(show), expected));

  it("are read with the function of their table", () => {
    const tags = {
      a: { ...at(7), table: "coil", type: "bool" },
      b: { ...at(7), table: "discrete", type: "bool" },
      c: { ...at(7), table: "input" },
      d: at(7),
    } as const;
    assert.deepEqual(
      blocksOf(tags).map(readRequest),
      [1, 2, 4, 3].map((fc) => ({ fc, address: 7, quantity: 1 })),
    );
  });

  it("fall apart in halves, without the gap between them, down to one tag or group", () => {
    const [block] = blocksOf({
      a: at(0),
      b: at(1),
      c: at(9),
      d: { ...at(12), group: "g" },
      e: { ...at(15), group: "g" },
    });
    assert.ok(block);
    const halves = bisect(block);
    assert.deepEqual(halves?.map(show), ["fast holding 0..1: a b", "fast holding 9..15: c d e"]);
    const [group] = blocksOf({ d: { ...at(12), group: "g" }, e: { ...at(15), group: "g" } });
    assert.ok(group);
    assert.equal(bisect(group), undefined);
  });
});

describe("a scan plan", () => {
  it("gives each line its blocks, the most often read first, with turns in scan cycles", () => {
    const tags = { s: at(0, "slow"), f: at(50), o: at(99, "once"), d: at(120, "onDemand") };
    const plan = scanPlan(
      plantLike({ one: { tags, line: "l1" }, two: { tags, line: "l2", unit: 2 } }),
      tagTable(plantLike({ one: { tags, line: "l1" } }).devices.values()),
    );
    const line = plan.lines.get("l1");
    assert.deepEqual(
      line?.cyclic.map(({ block, period }) => `${show(block)} every ${period}`),
      ["fast holding 50: f every 1", "slow holding 0: s every 50"],
    );
    assert.deepEqual(line.once.map(show), ["once holding 99: o"]);
    assert.deepEqual(line.onDemand.map(show), ["onDemand holding 120: d"]);
    assert.deepEqual(plan.lines.get("l2")?.cyclic, []);
  });

  it("spreads the blocks of a slow class over its period", () => {
    const sketches = Object.fromEntries(
      Array.from({ length: 10 }, (_, unit) => [`d${unit}`, { unit, tags: { a: at(0, "normal") } }]),
    );
    const plant = plantLike(sketches);
    const cyclic = scanPlan(plant, tagTable(plant.devices.values())).lines.get("cell")?.cyclic ?? [];
    const load = [0, 1, 2, 3, 4].map((phase) => cyclic.filter((block) => block.phases.includes(phase)).length);
    assert.deepEqual(load, [2, 2, 2, 2, 2]);
  });
});
