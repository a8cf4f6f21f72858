import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/kit/bytes.ts";

describe("bytes as text", () => {
  it("writes two capital digits a byte", () => assert.equal(toHex(Uint8Array.of(0x11, 3, 0, 0x6b)), "11 03 00 6B"));
  it("reads any spacing and case", () => assert.deepEqual([...fromHex(" 1103\n00 6b ")], [0x11, 3, 0, 0x6b]));
  for (const text of ["1", "11 0", "zz", "0x11"]) {
    it(`refuses "${text}"`, () => assert.throws(() => fromHex(text), TypeError));
  }

  it("reads what it writes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(Uint8Array.from(fromHex(toHex(bytes))), bytes)));
  });
});
