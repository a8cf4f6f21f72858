import assert from "node:assert/strict";
import fc from "fast-check";
import type { Value } from "../../../src/device/quality.ts";
import { isPublishable, valueJson, valuePlain } from "../../../src/mqtt/value-json.ts";

describe("a value as JSON", () => {
  const cases: readonly [value: Value | null, json: string][] = [
    [null, "null"],
    [true, "true"],
    [0.42, "0.42"],
    [-0, "0"],
    [1e300, "1e+300"],
    [2n ** 53n - 1n, "9007199254740991"],
    [2n ** 53n, '"9007199254740992"'],
    [-(2n ** 63n), '"-9223372036854775808"'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ["\u2028", '"\u2028"'],
    [[1, 2.5, 3n], "[1,2.5,3]"],
    [[true, false], "[true,false]"],
    [[], "[]"],
  ];
  for (const [value, json] of cases) {
    it(`${typeof value} ${json}`, () => assert.equal(valueJson(value), json));
  }

  it("is JSON that says the same number again, for every finite number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.equal(JSON.parse(valueJson(value)), value === 0 ? 0 : value);
      }),
    );
  });

  it("never loses a digit of a 64-bit integer", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        const said: unknown = JSON.parse(valueJson(value));
        assert.equal(BigInt(said as number | string), value);
      }),
    );
  });

  it("knows no NaN and no infinity, not inside an array either", () => {
    const said = [NaN, Infinity, -Infinity, [1, NaN]].map(isPublishable);
    assert.deepEqual(said, [false, false, false, false]);
    assert.deepEqual([1.5, "NaN", true, 5n, [1, 2], null].map(isPublishable), Array(6).fill(true));
    assert.deepEqual([valuePlain(NaN), valuePlain(undefined), valuePlain(2n ** 60n)], [null, null, String(2n ** 60n)]);
  });
});
