import assert from "node:assert/strict";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { tagTable } from "../../../src/device/tag-table.ts";
import { ms } from "../../../src/kit/time.ts";
import { formatBlock } from "../../../src/plan/read-block.ts";
import { scanPlan } from "../../../src/plan/scan-plan.ts";
import { blockTime, transactionTime, wireOf } from "../../../src/plan/wire.ts";
import { type DeviceSketch, plantLike, serialLine } from "../../support/plants/scan-plant.ts";

const TEN: { fc: 3; address: number; quantity: number } = { fc: 3, address: 0, quantity: 10 };

/** A plant whose one line is a serial one. */
function onWire(devices: Readonly<Record<string, DeviceSketch>>, baudRate = 19_200): Plant {
  const plant = plantLike(devices);
  return { ...plant, lines: new Map([["cell", { ...serialLine("cell", baudRate), hostLatency: ms(0) }]]) };
}

function blocksOf(plant: Plant): readonly string[] {
  const { cyclic = [] } = scanPlan(plant, tagTable(plant.devices.values())).lines.get("cell") ?? {};
  return cyclic.map(({ block }) => `${block.scanClass} ${formatBlock(block)}`);
}

describe("a transaction on a serial wire", () => {
  const wire = { format: { baudRate: 19_200, parity: "even", stopBits: 1 } as const, delay: ms(0) };

  it("takes its characters, the turnaround and one silence", () => {
    const characters = ((8 + 25) * 11) / 19.2;
    assert.ok(Math.abs(transactionTime(TEN, ms(10), wire) - (characters + 10 + 38.5 / 19.2)) < 1e-9);
  });

  it("takes two silences where the slave turns around at once", () => {
    assert.ok(Math.abs(transactionTime(TEN, ms(0), wire) - (33 * 11 + 77) / 19.2) < 1e-9);
  });

  it("takes the packet time of a device server besides", () => {
    const server = {
      ...serialLine("s", 19_200),
      kind: "rtuOverTcp",
      host: "s",
      port: 1,
      connectTimeout: ms(1),
      roundTrip: ms(0),
    } as const;
    const behind = wireOf({ ...server, packetTime: ms(5) });
    assert.ok(behind);
    assert.equal(transactionTime(TEN, ms(10), behind) - transactionTime(TEN, ms(10), wire), 5);
    const far = wireOf({ ...server, packetTime: ms(5), roundTrip: ms(20) });
    assert.equal(far?.delay, 25);
  });
});

describe("a plan for a serial wire", () => {
  const at = (address: number, scanClass = "slow"): { address: number; scanClass: string } => ({ address, scanClass });

  it("reads across a gap that costs less than a transaction of its own, and not across one that costs more", () => {
    // A transaction of its own costs 13 characters and two silences of 3.5: as much as ten registers.
    const limits = { gap: 100 };
    const timing = { turnaround: ms(0) };
    assert.deepEqual(blocksOf(onWire({ d: { limits, timing, tags: { a: at(0), b: at(11) } } })), [
      "slow holding 0..11",
    ]);
    assert.deepEqual(blocksOf(onWire({ d: { limits, timing, tags: { a: at(0), b: at(12) } } })), [
      "slow holding 0",
      "slow holding 12",
    ]);
  });

  it("cuts long reads so that they do not hold up what is read more often", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`t${index}`, at(index)]));
    assert.deepEqual(blocksOf(onWire({ d: { tags: many } })), ["slow holding 0..99"]);
    const beside = onWire({ d: { tags: many }, e: { unit: 2, tags: { quick: at(0, "normal") } } });
    const [first, ...rest] = blocksOf(beside);
    assert.equal(first, "normal holding 0");
    assert.equal(rest.length, 2);
    const plan = scanPlan(beside, tagTable(beside.devices.values())).lines.get("cell");
    const wire = wireOf(serialLine("cell", 19_200));
    for (const { block } of plan?.cyclic ?? []) assert.ok(wire && blockTime(block, wire) <= 100);
  });
});
