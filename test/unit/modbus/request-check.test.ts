import assert from "node:assert/strict";
import type { Request } from "../../../src/modbus/request.ts";
import { requestProblem } from "../../../src/modbus/request-check.ts";

const words = (count: number, value = 0): readonly number[] => new Array<number>(count).fill(value);
const flags = (count: number): readonly boolean[] => new Array<boolean>(count).fill(true);

const WITHIN: readonly Request[] = [
  { fc: 1, address: 0, quantity: 2000 },
  { fc: 2, address: 65_535, quantity: 1 },
  { fc: 3, address: 65_411, quantity: 125 },
  { fc: 4, address: 0, quantity: 1 },
  { fc: 5, address: 65_535, value: true },
  { fc: 6, address: 0, value: 65_535 },
  { fc: 15, address: 0, values: flags(1968) },
  { fc: 16, address: 0, values: words(123) },
  { fc: 22, address: 0, and: 0, or: 65_535 },
  { fc: 23, address: 0, quantity: 125, writeAddress: 0, values: words(121) },
  { fc: 17 },
  { fc: 43, category: 4, objectId: 255 },
];

const BEYOND: readonly Request[] = [
  { fc: 1, address: 0, quantity: 2001 },
  { fc: 1, address: 0, quantity: 0 },
  { fc: 2, address: 65_535, quantity: 2 },
  { fc: 3, address: 0, quantity: 126 },
  { fc: 3, address: 0, quantity: 1.5 },
  { fc: 4, address: -1, quantity: 1 },
  { fc: 5, address: 65_536, value: true },
  { fc: 6, address: 0, value: 65_536 },
  { fc: 6, address: 0, value: -1 },
  { fc: 15, address: 0, values: [] },
  { fc: 15, address: 0, values: flags(1969) },
  { fc: 16, address: 0, values: words(124) },
  { fc: 16, address: 0, values: words(2, 70_000) },
  { fc: 22, address: 0, and: 65_536, or: 0 },
  { fc: 23, address: 0, quantity: 126, writeAddress: 0, values: words(1) },
  { fc: 23, address: 0, quantity: 1, writeAddress: 0, values: words(122) },
  { fc: 23, address: 0, quantity: 1, writeAddress: 65_535, values: words(2) },
  { fc: 43, category: 1, objectId: 256 },
];

describe("the request check", () => {
  it("finds nothing wrong at the protocol's limits", () => {
    for (const request of WITHIN) assert.equal(requestProblem(request), undefined, JSON.stringify(request));
  });

  it("names a problem just beyond them", () => {
    for (const request of BEYOND) assert.notEqual(requestProblem(request), undefined, JSON.stringify(request));
  });
});
