import assert from "node:assert/strict";
import { InvariantError } from "../../../src/kit/invariant.ts";
import { fromHex } from "../../../src/kit/bytes.ts";
import type { ByteOrder } from "../../../src/modbus/byte-order.ts";
import {
  bitMask,
  type NumericType,
  type RawValue,
  registerCodec,
  type RegisterFormat,
} from "../../../src/modbus/register-codec.ts";

describe("register codec", () => {
  const numbers: readonly [type: NumericType, order: ByteOrder, hex: string, value: number | bigint][] = [
    ["int16", "ABCD", "8000", -32768],
    ["int16", "CDAB", "FFFE", -2],
    ["int16", "BADC", "FEFF", -2],
    ["int16", "DCBA", "0100", 1],
    ["uint16", "ABCD", "FFFE", 65534],
    ["uint16", "BADC", "3412", 0x1234],
    ["int32", "ABCD", "FFFF FFFE", -2],
    ["int32", "CDAB", "FFFE FFFF", -2],
    ["int32", "BADC", "FFFF FEFF", -2],
    ["int32", "DCBA", "FEFF FFFF", -2],
    ["uint32", "ABCD", "1234 5678", 0x12345678],
    ["uint32", "CDAB", "5678 1234", 0x12345678],
    ["uint32", "BADC", "3412 7856", 0x12345678],
    ["uint32", "DCBA", "7856 3412", 0x12345678],
    ["float32", "ABCD", "47F1 2000", 123456],
    ["float32", "CDAB", "2000 47F1", 123456],
    ["float32", "BADC", "F147 0020", 123456],
    ["float32", "DCBA", "0020 F147", 123456],
    ["float32", "ABCD", "7F80 0000", Number.POSITIVE_INFINITY],
    ["float32", "ABCD", "7FC0 0000", Number.NaN],
    ["float32", "ABCD", "7F7F FFFF", 3.4028234663852886e38],
    ["float64", "ABCD", "40FE 2400 0000 0000", 123456],
    ["float64", "CDAB", "0000 0000 2400 40FE", 123456],
    ["float64", "BADC", "FE40 0024 0000 0000", 123456],
    ["float64", "DCBA", "0000 0000 0024 FE40", 123456],
    ["int64", "ABCD", "8000 0000 0000 0001", -(2n ** 63n) + 1n],
    ["int64", "DCBA", "0100 0000 0000 0080", -(2n ** 63n) + 1n],
    ["uint64", "ABCD", "0102 0304 0506 0708", 0x0102030405060708n],
    ["uint64", "CDAB", "0708 0506 0304 0102", 0x0102030405060708n],
    ["uint64", "BADC", "0201 0403 0605 0807", 0x0102030405060708n],
    ["uint64", "DCBA", "0807 0605 0403 0201", 0x0102030405060708n],
    ["uint64", "ABCD", "FFFF FFFF FFFF FFFF", 2n ** 64n - 1n],
    ["bcd16", "ABCD", "9876", 9876],
    ["bcd16", "BADC", "7698", 9876],
    ["bcd32", "ABCD", "0123 4567", 1234567],
    ["bcd32", "CDAB", "4567 0123", 1234567],
    ["bcd64", "ABCD", "9999 9999 9999 9999", 9_999_999_999_999_999n],
    ["bcd64", "CDAB", "4444 3333 2222 0011", 11_2222_3333_4444n],
  ];
  for (const [type, order, hex, value] of numbers) {
    it(`${type} ${order}: ${hex} is ${value}, both ways`, () => assertBothWays({ type, order }, hex, value));
  }

  const texts: readonly [length: number, order: ByteOrder, hex: string, text: string][] = [
    [4, "ABCD", "7461 6B74", "takt"],
    [4, "BADC", "6174 746B", "takt"],
    [4, "CDAB", "7461 6B74", "takt"],
    [4, "DCBA", "6174 746B", "takt"],
    [3, "ABCD", "7461 6B00", "tak"],
    [4, "ABCD", "E9DF 0000", "éß"],
    [4, "ABCD", "0000 0000", ""],
    [4, "ABCD", "2061 0909", " a\t\t"],
  ];
  for (const [length, order, hex, text] of texts) {
    it(`string of ${length} ${order}: ${hex} is ${JSON.stringify(text)}, both ways`, () =>
      assertBothWays({ type: "string", length, order }, hex, text));
  }

  const readings: readonly [title: string, format: RegisterFormat, hex: string, value: RawValue | undefined][] = [
    ["text ends before spaces that fill it", { type: "string", length: 4, order: "ABCD" }, "6120 2020", "a"],
    ["text ends at the first NUL", { type: "string", length: 4, order: "ABCD" }, "6100 6262", "a"],
    ["text ends at its length", { type: "string", length: 3, order: "ABCD" }, "6162 6364", "abc"],
    ["a no-break space is content", { type: "string", length: 2, order: "ABCD" }, "61A0", "a\u00a0"],
    ["a BCD digit above 9 is none", { type: "bcd16", order: "ABCD" }, "12A4", undefined],
    ["a low BCD digit above 9 is none", { type: "bcd32", order: "ABCD" }, "1234 567F", undefined],
    ["the highest BCD digit counts too", { type: "bcd64", order: "ABCD" }, "A000 0000 0000 0000", undefined],
    ["one bit is a boolean", { type: "bits", low: 15, high: 15, order: "ABCD" }, "8000", true],
    ["one bit may be off", { type: "bits", low: 0, high: 0, order: "ABCD" }, "FFFE", false],
    ["several bits are a number", { type: "bits", low: 4, high: 7, order: "ABCD" }, "FF5F", 5],
    ["all bits are a number", { type: "bits", low: 0, high: 15, order: "ABCD" }, "FFFF", 65535],
    ["bits of a swapped register", { type: "bits", low: 0, high: 3, order: "BADC" }, "0A00", 10],
  ];
  for (const [title, format, hex, value] of readings) {
    it(`reading: ${title}`, () => {
      assert.equal(registerCodec(format).decode([0xdead, ...registers(hex)], 1), value);
    });
  }

  it("bits are written in their place and leave the others clear", () => {
    assert.deepEqual(registerCodec({ type: "bits", low: 4, high: 7, order: "ABCD" }).encode(5), [0x50]);
    assert.deepEqual(registerCodec({ type: "bits", low: 4, high: 7, order: "DCBA" }).encode(5), [0x5000]);
    assert.deepEqual(registerCodec({ type: "bits", low: 15, high: 15, order: "ABCD" }).encode(true), [0x8000]);
    assert.deepEqual(registerCodec({ type: "bits", low: 3, high: 3, order: "ABCD" }).encode(0), [0]);
    assert.equal(bitMask(4, 7), 0x00f0);
    assert.equal(bitMask(0, 15), 0xffff);
  });

  const refusals: readonly [format: RegisterFormat, values: readonly RawValue[]][] = [
    [{ type: "int16", order: "ABCD" }, [-32769, 32768, 0.5, Number.NaN, "1", true, 2n ** 70n]],
    [{ type: "uint16", order: "ABCD" }, [-1, 65536, Number.POSITIVE_INFINITY]],
    [{ type: "int32", order: "ABCD" }, [-(2 ** 31) - 1, 2 ** 31]],
    [{ type: "uint32", order: "ABCD" }, [-1, 2 ** 32]],
    [{ type: "int64", order: "ABCD" }, [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 0.5]],
    [{ type: "uint64", order: "ABCD" }, [-1n, 2n ** 64n, -1]],
    [{ type: "float32", order: "ABCD" }, [3.5e38, -3.5e38, "1"]],
    [{ type: "bcd16", order: "ABCD" }, [10_000, -1, 0.5]],
    [{ type: "bcd32", order: "ABCD" }, [100_000_000]],
    [{ type: "bcd64", order: "ABCD" }, [10n ** 16n, -1n]],
    [{ type: "string", length: 3, order: "ABCD" }, ["abcd", "€", "a\0b", 1]],
    [{ type: "bits", low: 0, high: 3, order: "ABCD" }, [16, -1, 0.5, "1"]],
    [{ type: "bits", low: 0, high: 0, order: "ABCD" }, [2]],
  ];
  for (const [format, values] of refusals) {
    for (const value of values) {
      it(`${format.type} does not take ${typeof value} ${String(value).replace("\0", "NUL")}`, () => {
        assert.equal(registerCodec(format).encode(value), undefined);
      });
    }
  }

  it("says the range of every kind of number", () => {
    const rangeOf = (type: NumericType): unknown => registerCodec({ type, order: "ABCD" }).range;
    assert.deepEqual(rangeOf("int16"), { min: -32768, max: 32767 });
    assert.deepEqual(rangeOf("uint64"), { min: 0n, max: 2n ** 64n - 1n });
    assert.deepEqual(rangeOf("bcd32"), { min: 0, max: 99_999_999 });
    assert.deepEqual(registerCodec({ type: "bits", low: 4, high: 6, order: "ABCD" }).range, { min: 0, max: 7 });
    assert.equal(registerCodec({ type: "string", length: 1, order: "ABCD" }).range, undefined);
  });

  it("makes no value out of registers that are not there", () => {
    const codec = registerCodec({ type: "uint32", order: "ABCD" });
    assert.throws(() => codec.decode([1, 2], 1), InvariantError);
  });
});

function assertBothWays(format: RegisterFormat, hex: string, value: RawValue): void {
  const codec = registerCodec(format);
  const words = registers(hex);
  assert.equal(codec.words, words.length);
  assert.deepEqual(codec.decode([0xdead, ...words, 0xbeef], 1), value);
  assert.deepEqual(codec.encode(value), words);
}

function registers(hex: string): number[] {
  const bytes = fromHex(hex);
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(index * 2));
}
