import assert from "node:assert/strict";
import fc from "fast-check";
import { repeatedKey } from "../../../src/mqtt/json/repeated-key.ts";

describe("a key that a JSON object has twice", () => {
  const texts: readonly [json: string, key: string | undefined][] = [
    ['{"a":1,"a":2}', "a"],
    ['{"s":{"a":1,"b":{},"a":2}}', "a"],
    ['[{"a":1},{"b":1,"b":1}]', "b"],
    ['{"a":1,"\\u0061":2}', "a"],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"":1 , "" : 2}', ""],
    ['{"a":{"a":1},"b":{"a":2}}', undefined],
    ['[{"a":1},{"a":1}]', undefined],
    ['{"a":"a","b":["a","a"]}', undefined],
    ['{"a":"\\"a\\":1,","b":"{}]["}', undefined],
    ['{"a":"\\\\","b":"\\\\"}', undefined],
    ["7", undefined],
  ];
  for (const [json, key] of texts) {
    it(`${json} ${key === undefined ? "has none" : `has ${JSON.stringify(key)} twice`}`, () =>
      assert.equal(repeatedKey(json), key));
  }

  it("is never found in what JSON.stringify wrote, whatever it is", () => {
    fc.assert(fc.property(fc.json(), (json) => assert.equal(repeatedKey(json), undefined)));
  });

  it("takes no longer to find in a text made to be slow", () => {
    assert.equal(repeatedKey(`{"a":"${"\\\\".repeat(500_000)}","a":1}`), "a");
  });
});
