import assert from "node:assert/strict";
import fc from "fast-check";
import { TABLES } from "../../src/device/location.ts";
import { tagTable } from "../../src/device/tag-table.ts";
import { tagSpan } from "../../src/device/tag-span.ts";
import { ms } from "../../src/kit/time.ts";
import { BAUD_RATES, PARITIES } from "../../src/modbus/serial-format.ts";
import { bisect, blockOf, entriesOf, type ReadBlock, readLimit } from "../../src/plan/read-block.ts";
import { readBlocks } from "../../src/plan/read-blocks.ts";
import { blockTime, type Wire } from "../../src/plan/wire.ts";
import { deviceLike } from "../support/plants/scan-plant.ts";
import type { TagSketch } from "../support/plants/tag.ts";

const CLASSES = ["fast", "normal", "slow"];

const tag: fc.Arbitrary<TagSketch> = fc
  .record({
    table: fc.constantFrom(...TABLES),
    address: fc.nat(300),
    wide: fc.boolean(),
    scanClass: fc.constantFrom(...CLASSES, "once", "onDemand"),
    group: fc.option(fc.constantFrom("g", "h"), { nil: undefined, freq: 8 }),
  })
  .map(({ wide, group, address, ...rest }) => {
    const bits = rest.table === "coil" || rest.table === "discrete";
    const near = group === undefined ? address : address % 10;
    return {
      ...rest,
      address: near,
      type: bits ? "bool" : wide ? "float64" : "uint16",
      group: group && `${group} ${rest.table}`,
    };
  });

const device = fc
  .record({
    tags: fc.array(tag, { maxLength: 60 }),
    gap: fc.nat(12),
    readRegisters: fc.integer({ min: 14, max: 125 }),
    readBits: fc.integer({ min: 14, max: 2000 }),
  })
  .map(({ tags, ...limits }) =>
    deviceLike("d", { tags: Object.fromEntries(tags.map((each, index) => [`t${index}`, each])), limits }),
  );

const wire: fc.Arbitrary<Wire> = fc.record({
  format: fc.record({
    baudRate: fc.constantFrom(...BAUD_RATES),
    parity: fc.constantFrom(...PARITIES),
    stopBits: fc.constantFrom(1 as const, 2 as const),
  }),
  delay: fc.nat(20).map(ms),
});

function assertWhole(block: ReadBlock): void {
  for (const { tag: each } of entriesOf(block)) {
    assert.equal(each.at.table, block.table);
    assert.ok(each.at.address >= block.address && each.at.address + tagSpan(each) <= block.address + block.quantity);
  }
}

describe("a read plan", () => {
  it("has every tag in exactly one block, within the limits, groups whole, and no gap too wide", () => {
    fc.assert(
      fc.property(device, (made) => {
        const entries = tagTable([made]);
        const blocks = readBlocks(made, entries, { classes: CLASSES });
        const planned = blocks.flatMap((block) => entriesOf(block).map(({ index }) => index));
        assert.deepEqual(
          [...planned].sort((a, b) => a - b),
          entries.map(({ index }) => index),
        );
        for (const block of blocks) {
          assertWhole(block);
          assert.ok(block.quantity >= 1 && block.quantity <= readLimit(made, block.table));
          for (const entry of entriesOf(block)) {
            const order = [...CLASSES, "once", "onDemand"];
            assert.ok(
              order.indexOf(block.scanClass) <= order.indexOf(entry.tag.scanClass),
              "read less often than it wants",
            );
          }
          assertGaps(block, made.limits.gap);
        }
        const groups = new Map<string, Set<ReadBlock>>();
        for (const block of blocks)
          for (const {
            tag: { group },
          } of entriesOf(block))
            if (group) groups.set(group, (groups.get(group) ?? new Set()).add(block));
        for (const of of groups.values()) assert.equal(of.size, 1);
      }),
    );
  });

  it("never keeps a serial wire longer than its tags would one by one, nor longer than it may", () => {
    fc.assert(
      fc.property(device, wire, fc.integer({ min: 20, max: 1000 }), (made, under, most) => {
        const longest = ms(most);
        const blocks = readBlocks(made, tagTable([made]), { classes: CLASSES, wire: under, longest });
        for (const block of blocks) {
          const alone = block.items
            .filter((item) => item.entries.some(({ tag: each }) => each.scanClass === block.scanClass))
            .map((item) => blockTime(blockOf(block, [item]), under));
          assert.ok(blockTime(block, under) <= alone.reduce((sum: number, time) => sum + time, 0) + 1e-6);
          const widest = Math.max(...block.items.map(({ quantity }) => quantity));
          assert.ok(
            block.quantity === widest ||
              blockTime(block, under) <= Math.max(longest, 2 * blockTime({ ...block, quantity: 1 }, under)),
          );
        }
      }),
    );
  });

  it("falls apart without losing a tag, until single items are left", () => {
    fc.assert(
      fc.property(device, (made) => {
        const blocks = readBlocks(made, tagTable([made]), { classes: CLASSES });
        const rest = [...blocks];
        const single: ReadBlock[] = [];
        for (let block = rest.pop(); block; block = rest.pop()) {
          assertWhole(block);
          const halves = bisect(block);
          if (halves) rest.push(...halves);
          else single.push(block);
        }
        assert.equal(single.flatMap(entriesOf).length, blocks.flatMap(entriesOf).length);
        assert.ok(single.every((block) => block.items.length === 1));
      }),
    );
  });
});

/** Between the items of a block nothing wider than the gap is read for nothing. */
function assertGaps(block: ReadBlock, gap: number): void {
  let end = block.address;
  for (const item of block.items) {
    assert.ok(item.address - end <= gap, `gap of ${item.address - end}`);
    end = Math.max(end, item.address + item.quantity);
  }
}
