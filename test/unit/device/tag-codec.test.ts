import assert from "node:assert/strict";
import type { Value } from "../../../src/device/quality.ts";
import { type BitTagCodec, type RegisterTagCodec, tagCodec } from "../../../src/device/tag-codec.ts";
import { tagLike, type TagSketch } from "../../support/plants/tag.ts";

describe("tag codec, reading", () => {
  const rows: readonly [title: string, tag: TagSketch, registers: readonly number[], expected: Value | string][] = [
    ["gives an unscaled integer as it is", { type: "uint16" }, [42], 42],
    ["scales without binary noise", { type: "uint16", scale: 0.1 }, [3], 0.3],
    ["keeps the decimals of the offset", { type: "uint16", scale: 0.1, offset: 0.05 }, [2], 0.25],
    ["scales downwards", { type: "int16", scale: -0.001, offset: 1 }, [1500], -0.5],
    ["keeps a tiny scale exact", { type: "uint16", scale: 2.5e-7 }, [3], 7.5e-7],
    ["keeps 64-bit integers exact", { type: "uint64" }, [0xffff, 0xffff, 0xffff, 0xfffe], 2n ** 64n - 2n],
    [
      "keeps 64-bit integers exact under a whole scale",
      { type: "uint64", scale: 10 },
      [0x20, 0, 0, 1],
      90071992547409930n,
    ],
    ["gives a number for a 64-bit integer with a broken scale", { type: "int64", scale: 0.1 }, [0, 0, 0, 3], 0.3],
    ["shows a float32 as the shortest number that is stored so", { type: "float32" }, [0x3ed7, 0x0a3d], 0.42],
    ["scales a float32", { type: "float32", scale: 0.1 }, [0x3ed7, 0x0a3d], 0.042],
    ["calls NaN invalid", { type: "float32" }, [0x7fc0, 0], "invalid"],
    ["calls infinity invalid", { type: "float64" }, [0xfff0, 0, 0, 0], "invalid"],
    ["calls BCD digits above 9 invalid", { type: "bcd16" }, [0x12a4], "invalid"],
    ["knows a sentinel", { type: "int16", invalid: [-32768], scale: 0.1 }, [0x8000], "sentinel"],
    [
      "knows a sentinel of a signed type written as its bits",
      { type: "int16", invalid: [0x8000] },
      [0x8000],
      "sentinel",
    ],
    [
      "knows a 32-bit sentinel written as its bits",
      { type: "int32", invalid: [0xffffffff] },
      [0xffff, 0xffff],
      "sentinel",
    ],
    [
      "knows a 64-bit sentinel",
      { type: "uint64", invalid: [2n ** 64n - 1n] },
      [65535, 65535, 65535, 65535],
      "sentinel",
    ],
    ["knows a float32 sentinel", { type: "float32", invalid: [-9999.9] }, [0xc61c, 0x3f9a], "sentinel"],
    ["knows a text sentinel", { type: "string", length: 4, invalid: ["N/A"] }, [0x4e2f, 0x4120], "sentinel"],
    [
      "takes the sentinel before the valid range",
      { type: "uint16", invalid: [65535], valid: { min: 0, max: 9 } },
      [65535],
      "sentinel",
    ],
    ["calls a value below its valid range invalid", { type: "int16", valid: { min: -1, max: 5 } }, [0xfffe], "invalid"],
    ["calls a value above its valid range invalid", { type: "int16", valid: { min: -1, max: 5 } }, [6], "invalid"],
    ["takes the low end of the valid range", { type: "int16", valid: { min: -1, max: 5 } }, [0xffff], -1],
    ["takes the high end of the valid range", { type: "int16", valid: { min: -1, max: 5 } }, [5], 5],
    ["names an enumeration", { type: "enum", values: { 0: "none", 3: "jam" } }, [3], "jam"],
    ["calls a number nobody named invalid", { type: "enum", values: { 0: "none", 3: "jam" } }, [2], "invalid"],
    ["names bits", { type: "enum", bits: [4, 5], values: { 2: "auto" } }, [0b10_1111], "auto"],
    ["names a single bit", { type: "enum", bits: [4, 4], values: { 1: "auto" } }, [0b01_0000], "auto"],
    ["reads bits as a number", { type: "uint16", bits: [8, 11], scale: 0.5 }, [0x0300], 1.5],
    ["reads bits of a 64-bit type as a number", { type: "uint64", bits: [8, 11] }, [0x0300], 3],
    ["reads one bit as a bool", { type: "bool", bits: [15, 15] }, [0x8000], true],
    ["reads a whole register as a bool", { type: "bool" }, [0xff00], true],
    ["reads text", { type: "string", length: 5 }, [0x6162, 0x6300, 0x7878], "abc"],
    ["reads arrays", { type: "int16", count: 3, scale: 0.1 }, [1, 0xffff, 3], [0.1, -0.1, 0.3]],
    ["reads an array of one as an array", { type: "int16", count: 1 }, [1], [1]],
    ["gives no array with a hole", { type: "int16", count: 3, invalid: [2] }, [1, 2, 3], "sentinel"],
  ];
  for (const [title, tag, registers, expected] of rows) {
    it(title, () => {
      const reading = registerTag(tag).decode([7, ...registers], 1);
      assert.deepEqual(
        reading,
        expected === "invalid" || expected === "sentinel"
          ? { value: null, reason: expected }
          : { value: expected, reason: "ok" },
      );
    });
  }

  it("reads a coil and an array of coils", () => {
    assert.deepEqual(bitTag({ type: "bool", table: "coil" }).decode([false, true], 1), { value: true, reason: "ok" });
    const array = bitTag({ type: "bool", table: "discrete", count: 2 });
    assert.deepEqual(array.decode([true, true, false], 1), { value: [true, false], reason: "ok" });
  });

  it("says how many addresses a tag takes", () => {
    assert.equal(registerTag({ type: "float64", count: 3 }).size, 12);
    assert.equal(registerTag({ type: "string", length: 5 }).size, 3);
    assert.equal(bitTag({ type: "bool", table: "coil", count: 9 }).size, 9);
  });
});

describe("tag codec, writing", () => {
  const accepted: readonly [title: string, tag: TagSketch, value: Value, registers: readonly number[]][] = [
    ["undoes the scale", { type: "uint16", scale: 0.001 }, 0.5, [500]],
    ["undoes the scale where division is noisy", { type: "uint16", scale: 0.1 }, 0.3, [3]],
    ["rounds to the nearest step of the scale", { type: "uint16", scale: 0.001 }, 0.5004, [500]],
    ["undoes the offset", { type: "int16", scale: 0.5, offset: -40 }, -41, [0xfffe]],
    ["takes a bigint", { type: "uint16" }, 7n, [7]],
    ["writes 64 bits exactly", { type: "int64" }, -(2n ** 63n) + 1n, [0x8000, 0, 0, 1]],
    [
      "takes 64 bits as text, as JSON brings them",
      { type: "uint64" },
      "18446744073709551615",
      [65535, 65535, 65535, 65535],
    ],
    ["undoes a whole scale of 64 bits exactly", { type: "uint64", scale: 10 }, 90071992547409930n, [0x20, 0, 0, 1]],
    ["undoes a broken scale of 64 bits", { type: "uint64", scale: 0.1 }, 0.3, [0, 0, 0, 3]],
    ["writes a float", { type: "float32" }, 0.42, [0x3ed7, 0x0a3d]],
    ["writes BCD", { type: "bcd32" }, 12345678, [0x1234, 0x5678]],
    ["writes an enumeration by name", { type: "enum", values: { 0: "stop", 5: "go" } }, "go", [5]],
    ["writes an enumeration by number", { type: "enum", values: { 0: "stop", 5: "go" } }, 5, [5]],
    ["puts bits into their place", { type: "uint16", bits: [4, 7] }, 9, [0x90]],
    ["puts one bit into its place", { type: "bool", bits: [9, 9] }, true, [0x0200]],
    ["writes a bool to a whole register", { type: "bool" }, true, [1]],
    ["writes text", { type: "string", length: 4 }, "abc", [0x6162, 0x6300]],
    ["writes arrays", { type: "uint16", count: 2 }, [1, 2], [1, 2]],
  ];
  for (const [title, tag, value, registers] of accepted) {
    it(title, () => assert.deepEqual(registerTag(tag).encode(value), { ok: true, value: registers }));
  }

  const refused: readonly [tag: TagSketch, value: Value, failure: string][] = [
    [{ type: "uint16", scale: 0.001, unit: "m/s" }, 70, "holds 0 to 65.535 m/s, not 70"],
    [{ type: "int16", scale: -1 }, 40000, "holds -32767 to 32768, not 40000"],
    [{ type: "uint16" }, 1.5, "takes whole numbers, not 1.5"],
    [{ type: "uint16" }, Number.NaN, "takes a number, not NaN"],
    [{ type: "uint16" }, "5", 'takes a number, not "5"'],
    [{ type: "uint16" }, true, "takes a number, not true"],
    [{ type: "uint64" }, 2n ** 64n, "holds 0 to 18446744073709551615, not 18446744073709551616"],
    [{ type: "uint64" }, 2 ** 53, "is a 64-bit integer; write 9007199254740992 as text so that no digit is lost"],
    [{ type: "uint64", scale: 0.1 }, 1e308, "holds 0 to 1844674407370955300, not 1e+308"],
    [{ type: "uint64" }, 0.5, "takes whole numbers, not 0.5"],
    [{ type: "float32" }, 1e39, "holds -3.4028234663852886e+38 to 3.4028234663852886e+38, not 1e+39"],
    [{ type: "float64" }, Number.POSITIVE_INFINITY, "takes a number, not Infinity"],
    [{ type: "bcd16" }, 10_000, "holds 0 to 9999, not 10000"],
    [{ type: "bool", bits: [0, 0] }, 1, "takes true or false, not 1"],
    [{ type: "uint16", bits: [0, 2] }, 8, "holds 0 to 7, not 8"],
    [{ type: "enum", values: { 0: "stop", 5: "go" } }, "gone", 'takes stop (0), go (5), not "gone"'],
    [{ type: "enum", values: { 0: "stop", 5: "go" } }, 4, "takes stop (0), go (5), not 4"],
    [{ type: "enum", bits: [0, 1], values: { 5: "go" } }, "go", "does not fit into its registers as 5"],
    [{ type: "string", length: 4 }, "abcde", "takes up to 4 characters, not 5"],
    [{ type: "string", length: 4 }, "a€", 'takes characters of Latin-1 only, not "a€"'],
    [{ type: "string", length: 4 }, 4, "takes text, not 4"],
    [{ type: "uint16", count: 2 }, 1, "takes an array of 2 values, not one"],
    [{ type: "uint16", count: 2 }, [1], "takes 2 values, not 1"],
    [{ type: "uint16", count: 2 }, [1, -1], "value 2 of 2 holds 0 to 65535, not -1"],
    [{ type: "uint16" }, [1], "takes one value, not an array"],
  ];
  for (const [tag, value, failure] of refused) {
    it(`refuses with "${failure}"`, () => assert.deepEqual(registerTag(tag).encode(value), { ok: false, failure }));
  }

  it("writes coils and refuses what is no bool", () => {
    const codec = bitTag({ type: "bool", table: "coil", count: 2 });
    assert.deepEqual(codec.encode([true, false]), { ok: true, value: [true, false] });
    assert.deepEqual(codec.encode([true, 0]), { ok: false, failure: "value 2 of 2 takes true or false, not 0" });
  });

  it("says which bits of its register a tag owns", () => {
    assert.equal(registerTag({ type: "uint16" }).mask, 0xffff);
    assert.equal(registerTag({ type: "uint16", bits: [4, 7] }).mask, 0x00f0);
    assert.equal(registerTag({ type: "uint16", bits: [4, 7], order: "BADC" }).mask, 0xf000);
  });
});

function registerTag(sketch: TagSketch): RegisterTagCodec {
  const codec = tagCodec(tagLike(sketch));
  assert(codec.kind === "registers");
  return codec;
}

function bitTag(sketch: TagSketch): BitTagCodec {
  const codec = tagCodec(tagLike(sketch));
  assert(codec.kind === "bits");
  return codec;
}
