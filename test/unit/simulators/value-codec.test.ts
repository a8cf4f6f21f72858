import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeValue, encodeValue, tagMask, tagQuantity } from "../../../simulators/memory/value-codec.ts";
import type { Value } from "../../../src/device/quality.ts";
import type { Tag } from "../../../src/device/tag.ts";
import { tagLike, type TagSketch } from "../../support/plants/tag.ts";

type NumberType = Exclude<Tag["type"], "bool" | "string" | "enum">;

const orders = ["ABCD", "CDAB", "BADC", "DCBA"] as const;

const whole = (low: number, high: number): fc.Arbitrary<number> => fc.integer({ min: low, max: high });

const raws: Readonly<Record<NumberType, fc.Arbitrary<number | bigint>>> = {
  int16: whole(-0x8000, 0x7fff),
  uint16: whole(0, 0xffff),
  int32: whole(-0x8000_0000, 0x7fff_ffff),
  uint32: whole(0, 0xffff_ffff),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float32: fc.float({ noNaN: true }),
  float64: fc.double({ noNaN: true }),
  bcd16: whole(0, 9999),
  bcd32: whole(0, 99_999_999),
  bcd64: fc.bigInt({ min: 0n, max: 10n ** 16n - 1n }),
};

describe("the simulators' own register codec", () => {
  for (const type of Object.keys(raws) as NumberType[]) {
    it(`gives back every ${type} it was given, in every order`, () => {
      fc.assert(
        fc.property(raws[type], fc.constantFrom(...orders), (raw, order) => {
          const tag = tagLike({ type, order });
          const words = encodeValue(tag, raw);
          assert.equal(words.length, tagQuantity(tag));
          assert.deepEqual(decodeValue(tag, words), raw);
        }),
      );
    });
  }

  const laid: readonly (readonly [string, TagSketch, Value, readonly number[]])[] = [
    ["uint32 ABCD", { type: "uint32" }, 0x12345678, [0x1234, 0x5678]],
    ["uint32 CDAB", { type: "uint32", order: "CDAB" }, 0x12345678, [0x5678, 0x1234]],
    ["uint32 BADC", { type: "uint32", order: "BADC" }, 0x12345678, [0x3412, 0x7856]],
    ["uint32 DCBA", { type: "uint32", order: "DCBA" }, 0x12345678, [0x7856, 0x3412]],
    ["int16", { type: "int16" }, -2, [0xfffe]],
    ["float32", { type: "float32" }, 1.5, [0x3fc0, 0x0000]],
    ["bcd32", { type: "bcd32" }, 12345678, [0x1234, 0x5678]],
    ["scaled uint16", { type: "uint16", scale: 0.001 }, 0.5, [500]],
    ["offset int16", { type: "int16", scale: 0.1, offset: -40 }, 25, [650]],
    ["an array of int16", { type: "int16", count: 3, scale: 0.1 }, [1, -1, 2.5], [10, 0xfff6, 25]],
    ["text", { type: "string", length: 5 }, "belt", [0x6265, 0x6c74, 0x0000]],
    ["text with its bytes exchanged", { type: "string", length: 4, order: "BADC" }, "belt", [0x6562, 0x746c]],
    ["text whose registers stay in order", { type: "string", length: 4, order: "CDAB" }, "belt", [0x6265, 0x6c74]],
  ];
  for (const [name, tag, value, words] of laid) {
    it(`lays ${name} into ${words.length} registers`, () => {
      assert.deepEqual(encodeValue(tagLike(tag), value), words);
      assert.deepEqual(decodeValue(tagLike(tag), words), value);
    });
  }

  const values = { 0: "none", 3: "hot" };
  const bits: readonly (readonly [string, TagSketch, Value, number, number])[] = [
    ["a bit", { type: "bool", bits: [3, 3] }, true, 0x0008, 0x0008],
    ["an enum", { type: "enum", values, bits: [4, 7] }, "hot", 0x30, 0xf0],
    ["a number in swapped bytes", { type: "uint16", order: "BADC", bits: [0, 7] }, 5, 0x0500, 0xff00],
  ];
  for (const [name, tag, value, word, mask] of bits) {
    it(`puts ${name} into the bits of its register and leaves the others alone`, () => {
      assert.deepEqual(encodeValue(tagLike(tag), value), [word]);
      assert.equal(tagMask(tagLike(tag)), mask);
      assert.deepEqual(decodeValue(tagLike(tag), [word | (~mask & 0xffff)]), value);
    });
  }

  it("keeps a number within what the type holds", () => {
    assert.deepEqual(encodeValue(tagLike({ type: "uint16" }), 70_000), [0xffff]);
    assert.deepEqual(encodeValue(tagLike({ type: "uint16" }), -1), [0]);
    assert.deepEqual(encodeValue(tagLike({ type: "int16" }), Number.NEGATIVE_INFINITY), [0x8000]);
  });

  it("refuses a name that the enumeration does not have", () => {
    assert.throws(() => encodeValue(tagLike({ type: "enum", values }), "cold"), /no value is called "cold"/);
  });
});
