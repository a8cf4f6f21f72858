import assert from "node:assert/strict";
import { parseRead, type ReadWords } from "../../../../src/app/read/parse-read.ts";

const PLAIN: ReadWords = { unit: "1", allOrders: false, timeout: "1s" };

type Case = readonly [words: string, options: Partial<ReadWords>, expected: string];

const ORDERS: readonly Case[] = [
  ["holding 0 10", {}, "holding 0 x10 of 1, as cells, within 1000"],
  ["holding 0", { count: "3", unit: "255" }, "holding 0 x3 of 255, as cells, within 1000"],
  ["holding 0 10", { type: "float32" }, "holding 0 x20 of 1, as kind, within 1000"],
  ["holding 0 2", { type: "string", length: "5" }, "holding 0 x6 of 1, as kind, within 1000"],
  ["holding 65532", { allOrders: true }, "holding 65532 x4 of 1, as allOrders, within 1000"],
  ["40001", { timeout: "250ms" }, "holding 0 x1 of 1, as cells, within 250"],
  ["coil 0 65536", {}, "coil 0 x65536 of 1, as cells, within 1000"],
];

const MISTAKES: readonly (readonly [words: string, options: Partial<ReadWords>, sentence: RegExp])[] = [
  ["holding 0 0", {}, /count "0" is no number from 1 to 65536/],
  ["holding 65535 2", {}, /leave the table, which ends at 65535/],
  ["holding 65535", { type: "uint32" }, /leave the table/],
  ["holding 0 1 2", {}, /"2" is too much/],
  ["holding 0 1", { count: "1" }, /given twice/],
  ["holding 0", { unit: "256" }, /--unit "256" is no number from 0 to 255/],
  ["holding 0", { timeout: "1" }, /--timeout "1" is no duration/],
  ["holding 0", { timeout: "0ms" }, /outside 1ms\.\.1h/],
  ["holding 0", { repeat: "soon" }, /--repeat "soon" is no duration/],
  ["holding 0", { order: "CDAB" }, /--order goes with --type/],
  ["holding 0", { allOrders: true, type: "uint32" }, /leave --type out/],
  ["coil 0", { allOrders: true }, /has no order/],
];

describe("what takt read is to do", () => {
  for (const [words, options, expected] of ORDERS) {
    it(`${words} ${JSON.stringify(options)}`, () => {
      const order = parseRead("tcp://host", words.split(" "), { ...PLAIN, ...options });
      assert.ok(order.ok);
      const { range, view, timeout } = order.value;
      const { table, address, count, unit } = range;
      assert.equal(`${table} ${address} x${count} of ${unit}, as ${view.as}, within ${timeout}`, expected);
    });
  }
  for (const [words, options, sentence] of MISTAKES) {
    it(`${words} ${JSON.stringify(options)} is a mistake that is explained`, () => {
      const order = parseRead("tcp://host", words.split(" "), { ...PLAIN, ...options });
      assert.ok(!order.ok);
      assert.match(order.failure, sentence);
    });
  }
  it("who names a device without its plant hears how tags are read by name", () => {
    const byName = parseRead("pump1", ["pressure"], PLAIN);
    const noScheme = parseRead("10.0.0.1:502", ["holding", "0"], PLAIN);
    assert.match(byName.ok ? "" : byName.failure, /is no target; .*by name with --plant/);
    assert.doesNotMatch(noScheme.ok ? "" : noScheme.failure, /--plant/);
  });
});
