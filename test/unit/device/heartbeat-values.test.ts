import assert from "node:assert/strict";
import fc from "fast-check";
import { heartbeatValues } from "../../../src/device/heartbeat-values.ts";
import type { Value } from "../../../src/device/quality.ts";
import { tagCodec } from "../../../src/device/tag-codec.ts";
import { NUMERIC_WORDS, type NumericType } from "../../../src/modbus/register-codec.ts";
import { level } from "../../support/plants/scan-plant.ts";
import { tagLike, type TagSketch } from "../../support/plants/tag.ts";

function beats(sketch: TagSketch, number: number): readonly Value[] {
  const values = heartbeatValues(tagLike({ write: level(), ...sketch }));
  assert.ok(values.ok, values.ok ? "" : values.failure);
  return Array.from({ length: number }, () => values.value());
}

const range = (min: number, max: number): TagSketch => ({ write: level({ range: { min, max } }) });

describe("the values of a heartbeat", () => {
  const rows: readonly [title: string, tag: TagSketch, first: readonly Value[], length: number][] = [
    ["toggle in a bool", { type: "bool", table: "coil" }, [true, false, true], 2],
    ["count in a register", { type: "uint16" }, [1, 2, 3], 32_768],
    ["count from 0 in a signed register", { type: "int16" }, [1, 2, 3], 32_768],
    ["turn round in the bits there are", { type: "uint16", bits: [0, 3] }, [1, 2, 3], 16],
    ["turn round in four decimal digits", { type: "bcd16" }, [1, 2, 3], 10_000],
    ["count in raw steps of the scale", { type: "uint16", scale: 0.1 }, [0.1, 0.2, 0.3], 32_768],
    ["count where the scale turns them upside down", { type: "uint16", scale: -2, offset: 1 }, [-1, -3], 32_768],
    ["turn round in write.range", range(5, 7), [6, 7, 5, 6], 3],
    ["turn round in write.range in steps of the scale", { scale: 0.1, ...range(0.05, 0.3) }, [0.2, 0.3, 0.1], 3],
    ["turn round in the valid range", { valid: { min: 0, max: 2 } }, [1, 2, 0], 3],
    ["pass over what means no value", { bits: [0, 1], invalid: [0, 2] }, [1, 3, 1], 2],
    ["count in 64 bits", { type: "uint64" }, [1n, 2n], 32_768],
    ["count whole numbers in a float", { type: "float32" }, [1, 2], 32_768],
  ];
  for (const [title, tag, first, length] of rows) {
    it(title, () => {
      const values = beats(tag, length * 2);
      assert.deepEqual(values.slice(0, first.length), first);
      assert.equal(new Set(values).size, length);
    });
  }

  const refused: readonly [title: string, tag: TagSketch, why: RegExp][] = [
    ["a text", { type: "string", length: 4 }, /is of type string/],
    ["an enumeration", { type: "enum", values: { 0: "off", 1: "on" } }, /is of type enum/],
    ["an array", { count: 2 }, /is an array/],
    ["a range of one value", range(3, 3), /no two whole raw values/],
    ["a range without whole raw values", { type: "float32", ...range(0.1, 0.9) }, /no two whole raw values/],
    ["numbers beyond all counting", { type: "float32", ...range(1e9, 2e9) }, /no two whole raw values/],
    ["a step lost in the offset", { type: "float32", scale: 1e-20, offset: 1 }, /could stand still/],
  ];
  for (const [title, tag, why] of refused) {
    it(`there are none in ${title}`, () => {
      const values = heartbeatValues(tagLike({ write: level(), ...tag }));
      assert.match(values.ok ? "" : values.failure, why);
    });
  }

  it("differ on the wire from one to the next, whatever the tag, and never leave its range", () => {
    const types = fc.constantFrom(...(Object.keys(NUMERIC_WORDS) as NumericType[]));
    const numbers = fc.integer({ min: -40_000, max: 40_000 }).map((n) => n / 4);
    const scales = fc.constantFrom(1, 0.1, 0.001, -1, -0.5, 3, 10);
    const ends = fc.option(fc.tuple(numbers, numbers), { nil: undefined });
    fc.assert(
      fc.property(types, scales, numbers, ends, (type, scale, offset, given) => {
        const limits = given && { min: Math.min(...given), max: Math.max(...given) };
        const tag = tagLike({ type, scale, offset, write: level({ range: limits }) });
        const values = heartbeatValues(tag);
        if (!values.ok) return;
        const codec = tagCodec(tag);
        let before = "";
        for (let beat = 0; beat < 50; beat++) {
          const value = values.value();
          const encoded = codec.encode(value);
          assert.ok(encoded.ok, encoded.ok ? "" : `${String(value)}: ${encoded.failure}`);
          assert.notEqual(encoded.value.join(), before);
          before = encoded.value.join();
          if (limits) assert.ok(Number(value) >= limits.min && Number(value) <= limits.max, String(value));
        }
      }),
    );
  });
});
