import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { Value } from "../../../../src/device/quality.ts";
import { unpackArray } from "../../../../src/mqtt/sparkplug/array-value.ts";
import { type Datatype, datatypeNumber, datatypeOf } from "../../../../src/mqtt/sparkplug/datatype.ts";
import { dataPayload } from "../../../../src/mqtt/sparkplug/encode-payload.ts";
import { metricValue, wantedValue } from "../../../../src/mqtt/sparkplug/metric-value.ts";
import { MetricSchema } from "../../../../src/mqtt/sparkplug/payload_pb.ts";
import { covers } from "../../../support/mqtt/sparkplug-ids.ts";
import { tagLike, type TagSketch } from "../../../support/plants/tag.ts";
import { tahuDecode, valueOf } from "../../../support/mqtt/tahu-payload.ts";

const of = (scalar: Datatype["scalar"], array = false): Datatype => ({ scalar, array });

/** How Tahu reads what we write. */
function written(datatype: Datatype, value: Value): string | undefined {
  const sample = { name: "m", alias: 1n, datatype, value, quality: "good", timestamp: 1 } as const;
  return valueOf(tahuDecode(dataPayload({ timestamp: 1, seq: 1 }, [sample])).metrics[0]);
}

const given = (value: Parameters<typeof create<typeof MetricSchema>>[1]) => create(MetricSchema, value);

describe("the value of a metric", () => {
  const types: readonly [TagSketch, string, number][] = [
    [{ type: "bool" }, "Boolean", 11],
    [{ type: "int16" }, "Int16", 2],
    [{ type: "uint16" }, "UInt16", 6],
    [{ type: "bcd16" }, "UInt16", 6],
    [{ type: "int32" }, "Int32", 3],
    [{ type: "uint32" }, "UInt32", 7],
    [{ type: "bcd32" }, "UInt32", 7],
    [{ type: "int64" }, "Int64", 4],
    [{ type: "uint64" }, "UInt64", 8],
    [{ type: "bcd64" }, "UInt64", 8],
    [{ type: "float32" }, "Float", 9],
    [{ type: "float64" }, "Double", 10],
    [{ type: "string", length: 8 }, "String", 12],
    [{ type: "enum", values: { 0: "none" } }, "String", 12],
    [{ type: "int16", scale: 0.1 }, "Double", 10],
    [{ type: "float32", offset: -40 }, "Double", 10],
  ];
  for (const [sketch, scalar, number] of types) {
    it(
      covers(
        `of ${JSON.stringify(sketch)} is a ${scalar}`,
        "payloads-metric-datatype-value",
        "payloads-metric-datatype-value-type",
      ),
      () => {
        const datatype = datatypeOf(tagLike(sketch));
        assert.deepEqual([datatype.scalar, datatypeNumber(datatype)], [scalar, number]);
      },
    );
  }

  it("of an array of each type has the number of that array type", () => {
    const arrays = ["int16", "int32", "int64", "uint16", "uint32", "uint64", "float32", "float64", "bool"] as const;
    assert.deepEqual(
      arrays.map((type) => datatypeNumber(datatypeOf(tagLike({ type, count: 2 })))),
      [23, 24, 25, 27, 28, 29, 30, 31, 32],
    );
    assert.equal(datatypeNumber(datatypeOf(tagLike({ type: "string", count: 2 }))), 33);
  });

  const values: readonly [Datatype, Value, string][] = [
    [of("Int16"), -2, "intValue 4294967294"],
    [of("UInt16"), 65_535, "intValue 65535"],
    [of("Int32"), -2_147_483_648, "intValue 2147483648"],
    [of("UInt32"), 4_294_967_295, "longValue 4294967295"],
    [of("Int64"), -1n, "longValue 18446744073709551615"],
    [of("Int64"), 9_007_199_254_740_993n, "longValue 9007199254740993"],
    [of("UInt64"), 2n ** 64n - 1n, "longValue 18446744073709551615"],
    [of("Float"), 0.5, "floatValue 0.5"],
    [of("Double"), 0.1, "doubleValue 0.1"],
    [of("Boolean"), false, "booleanValue false"],
    [of("String"), "Überlast", "stringValue Überlast"],
    [of("Int16", true), [-23, 123], "bytesValue 233,255,123,0"],
    [of("Int32", true), [123_456_789, 987_654_321], "bytesValue 21,205,91,7,177,104,222,58"],
    [of("UInt64", true), [1n, 2n ** 63n], "bytesValue 1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,128"],
    [of("Float", true), [1.5], "bytesValue 0,0,192,63"],
    [of("Boolean", true), [false, false, true, true, false, true, false, false, true], "bytesValue 9,0,0,0,52,128"],
    [of("String", true), ["ABC", ""], "bytesValue 65,66,67,0,0"],
  ];
  for (const [datatype, value, read] of values) {
    it(`${String(value)} as ${datatype.scalar}${datatype.array ? "Array" : ""} is read by Tahu as ${read}`, () => {
      assert.equal(written(datatype, value), read);
    });
  }

  it("that its data type cannot hold is none, and its quality bad", () => {
    const wrong: readonly [Datatype, Value][] = [
      [of("Int16"), "3"],
      [of("Int16"), 1.5],
      [of("Boolean"), 1],
      [of("String"), 1],
      [of("Double"), 1n],
      [of("Int16", true), 3],
      [of("Int16"), [3]],
      [of("String", true), ["a\0b"]],
    ];
    for (const [datatype, value] of wrong) {
      const sample = { name: "m", alias: 1n, datatype, value, quality: "good", timestamp: 1 } as const;
      const [metric] = tahuDecode(dataPayload({ timestamp: 1, seq: 1 }, [sample])).metrics;
      assert.deepEqual([metric?.isNull, valueOf(metric)], [true, undefined], String(value));
      assert.equal(metric?.properties?.values[0]?.intValue, 0);
    }
  });

  it("comes back as it was sent, whatever it is", () => {
    const scalars: readonly [Datatype["scalar"], fc.Arbitrary<number | bigint | boolean | string>][] = [
      ["Int16", fc.integer({ min: -32_768, max: 32_767 })],
      ["UInt16", fc.integer({ min: 0, max: 65_535 })],
      ["Int32", fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
      ["UInt32", fc.integer({ min: 0, max: 2 ** 32 - 1 })],
      ["Int64", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
      ["UInt64", fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
      ["Double", fc.double({ noNaN: true, noDefaultInfinity: true })],
      ["Boolean", fc.boolean()],
      ["String", fc.string().filter((text) => !text.includes("\0"))],
    ];
    for (const [scalar, arbitrary] of scalars) {
      fc.assert(
        fc.property(arbitrary, fc.array(arbitrary, { maxLength: 20 }), (one, many) => {
          const single = metricValue(of(scalar), one);
          assert.deepEqual(single && wantedValue(of(scalar), given({ value: single })), { ok: true, value: one });
          const packed = metricValue(of(scalar, true), many);
          assert.deepEqual(packed && wantedValue(of(scalar, true), given({ value: packed })), {
            ok: true,
            value: many,
          });
        }),
      );
    }
  });

  it("is taken from a command in the ways hosts write it: negative ones of their own width or extended", () => {
    const wanted = (scalar: Datatype["scalar"], value: Parameters<typeof given>[0]): unknown => {
      const result = wantedValue(of(scalar), given(value));
      return result.ok ? result.value : result.failure;
    };
    const int = (value: number) => ({ value: { case: "intValue" as const, value } });
    const long = (value: bigint) => ({ value: { case: "longValue" as const, value } });
    assert.deepEqual([wanted("Int16", int(0xfffe)), wanted("Int16", int(0xfffffffe))], [-2, -2]);
    assert.deepEqual([wanted("Int16", long(2n ** 64n - 2n)), wanted("Int64", int(7))], [-2, 7n]);
    assert.deepEqual([wanted("UInt32", int(0xffffffff)), wanted("UInt32", long(5n))], [0xffffffff, 5]);
    assert.equal(wanted("Double", { value: { case: "floatValue", value: 0.5 } }), 0.5);
    assert.equal(wanted("Double", int(3)), 3);
    assert.equal(wanted("Int16", int(0x12345)), "does not fit into Int16");
    assert.equal(wanted("Double", int(0xffffffff)), "is an integer that may be negative or not");
    assert.equal(wanted("Double", { value: { case: "doubleValue", value: NaN } }), "is no finite number");
    assert.equal(wanted("Float", { value: { case: "floatValue", value: Infinity } }), "is no finite number");
    assert.equal(wanted("Boolean", int(1)), "has to be a Boolean");
    assert.equal(wanted("String", int(1)), "has to be a String");
    assert.equal(wanted("Int16", { value: { case: "stringValue", value: "1" } }), "has to be a number");
    assert.equal(wanted("Int16", { isNull: true }), "has no value");
    assert.equal(wanted("Int16", {}), "has no value");
  });

  it("is no array where the bytes end early, or say another count", () => {
    const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
    assert.equal(unpackArray("Int16", bytes(1, 2, 3)), undefined);
    assert.equal(unpackArray("Boolean", bytes(1, 0)), undefined);
    assert.equal(unpackArray("Boolean", bytes(9, 0, 0, 0, 1)), undefined);
    assert.equal(unpackArray("Boolean", bytes(255, 255, 255, 255, 1)), undefined);
    assert.equal(unpackArray("String", bytes(65)), undefined);
    assert.equal(unpackArray("String", bytes(0xff, 0)), undefined);
    assert.deepEqual(unpackArray("String", bytes()), []);
  });
});
