import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeRecord, encodeRecord, type Plain } from "../../../src/store/stored-json.ts";

const scalar = fc.oneof(fc.boolean(), fc.double(), fc.bigInt(), fc.string(), fc.constant(null));
const plain = fc.letrec<{ plain: Plain }>((tie) => ({
  plain: fc.oneof(scalar, fc.array(tie("plain")), fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie("plain"))),
})).plain;

describe("a stored record", () => {
  it("gives back what was stored, 64-bit integers and numbers without JSON included", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const read = decodeRecord(encodeRecord(value));
        assert.deepEqual(read, { ok: true, value: withoutMinusZero(value) });
      }),
    );
  });

  it("is damaged when any character of it is another", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.integer({ min: 1, max: 0xff }), (text, place, change) => {
        const record = encodeRecord({ text });
        const at = place % record.length;
        const other = String.fromCharCode(record.charCodeAt(at) ^ change);
        assert.deepEqual(decodeRecord(record.slice(0, at) + other + record.slice(at + 1)), {
          ok: false,
          failure: "damaged",
        });
      }),
    );
  });

  it("is damaged when its end is missing", () => {
    assert.deepEqual(decodeRecord(encodeRecord({ id: "a1" }).slice(0, -1)), { ok: false, failure: "damaged" });
    assert.deepEqual(decodeRecord(""), { ok: false, failure: "damaged" });
  });
});

/** JSON knows no minus zero. */
function withoutMinusZero(value: Plain): Plain {
  if (Array.isArray(value)) return value.map((item: Plain) => withoutMinusZero(item));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutMinusZero(item)]));
  return Object.is(value, -0) ? 0 : value;
}
