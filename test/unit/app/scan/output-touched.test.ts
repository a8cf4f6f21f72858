import assert from "node:assert/strict";
import { outputTouched } from "../../../../src/app/scan/output-touched.ts";
import { tagTable } from "../../../../src/device/tag-table.ts";
import type { Request } from "../../../../src/modbus/request.ts";
import { deviceLike, level } from "../../../support/plants/scan-plant.ts";

const entries = tagTable([
  deviceLike("belt", {
    unit: 1,
    tags: {
      run: { table: "coil", address: 4, type: "bool", write: level() },
      seen: { table: "coil", address: 5, type: "bool" },
      target: { table: "holding", address: 10, type: "float32", write: level() },
    },
  }),
]);

const CASES: readonly (readonly [what: string, unit: number, request: Request, touched: string | undefined])[] = [
  ["the output's coil", 1, { fc: 5, address: 4, value: true }, "run"],
  ["coils that reach it", 1, { fc: 15, address: 2, values: [true, true, true] }, "run"],
  ["coils that end before it", 1, { fc: 15, address: 2, values: [true, true] }, undefined],
  ["a coil that is no output", 1, { fc: 5, address: 5, value: true }, undefined],
  ["the second half of a value of two registers", 1, { fc: 6, address: 11, value: 1 }, "target"],
  ["a bit of it", 1, { fc: 22, address: 10, and: 0, or: 1 }, "target"],
  ["registers that begin after it", 1, { fc: 16, address: 12, values: [1] }, undefined],
  [
    "what is written while something else is read",
    1,
    { fc: 23, address: 0, quantity: 1, writeAddress: 9, values: [1, 2] },
    "target",
  ],
  ["a register with the number of the coil", 1, { fc: 6, address: 4, value: 1 }, undefined],
  ["another unit", 2, { fc: 5, address: 4, value: true }, undefined],
  ["a broadcast", 0, { fc: 5, address: 4, value: true }, "run"],
  ["a broadcast to registers of nobody", 0, { fc: 16, address: 12, values: [1] }, undefined],
  ["a read", 1, { fc: 3, address: 10, quantity: 2 }, undefined],
];

describe("a raw write past the output gate", () => {
  for (const [what, unit, request, touched] of CASES) {
    it(`${touched === undefined ? "touches no output" : `touches ${touched}`}: ${what}`, () => {
      assert.equal(outputTouched(entries, unit, request)?.tag.name, touched);
    });
  }
});
