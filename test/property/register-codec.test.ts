import assert from "node:assert/strict";
import fc from "fast-check";
import { BYTE_ORDERS } from "../../src/modbus/byte-order.ts";
import { NUMERIC_WORDS, type NumericType, type RawValue, registerCodec } from "../../src/modbus/register-codec.ts";

const order = fc.constantFrom(...BYTE_ORDERS);
const word = fc.integer({ min: 0, max: 0xffff });
const words = (count: number): fc.Arbitrary<number[]> => fc.array(word, { minLength: count, maxLength: count });

const values: Readonly<Record<NumericType, fc.Arbitrary<number | bigint>>> = {
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: word,
  bcd16: fc.integer({ min: 0, max: 9999 }),
  int32: fc.integer(),
  uint32: fc.integer({ min: 0, max: 0xffff_ffff }),
  float32: fc.float(),
  bcd32: fc.integer({ min: 0, max: 99_999_999 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float64: fc.double(),
  bcd64: fc.bigInt({ min: 0n, max: 10n ** 16n - 1n }),
};

const TYPES = Object.keys(NUMERIC_WORDS) as NumericType[];

describe("property: register codec", () => {
  for (const type of TYPES) {
    it(`${type}: every value comes back from its registers, in every order`, () => {
      fc.assert(
        fc.property(order, values[type], (order, value) => assertComesBack(registerCodec({ type, order }), value)),
      );
    });
  }

  for (const type of TYPES) {
    it(`${type}: registers that hold a value are what that value is written as, in every order`, () => {
      fc.assert(
        fc.property(order, words(NUMERIC_WORDS[type]), (order, registers) => {
          const codec = registerCodec({ type, order });
          const value = codec.decode(registers, 0);
          // NaN has many patterns and is written as one of them.
          if (value === undefined || Number.isNaN(value)) return;
          assert.deepEqual(codec.encode(value), registers);
        }),
      );
    });
  }

  it("text without padding at its end comes back, in every order", () => {
    const latin1 = fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(order, fc.string({ unit: latin1, maxLength: 20 }), fc.nat(3), (order, drawn, room) => {
        const text = drawn.replace(/ +$/, "");
        assertComesBack(registerCodec({ type: "string", length: text.length + room, order }), text);
      }),
    );
  });

  it("bits come back, in every place and order", () => {
    const range = fc.tuple(fc.nat(15), fc.nat(15)).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));
    fc.assert(
      fc.property(order, range, word, (order, { low, high }, bits) => {
        const value = low === high ? bits % 2 === 1 : bits % 2 ** (high - low + 1);
        assertComesBack(registerCodec({ type: "bits", low, high, order }), value);
      }),
    );
  });

  it("the four orders are the four ways two swaps combine", () => {
    fc.assert(
      fc.property(values.uint32, (value) => {
        const [straight = [], wordsSwapped, bytesSwapped, both] = BYTE_ORDERS.map((order) =>
          registerCodec({ type: "uint32", order }).encode(value),
        );
        const swap = (register: number): number => ((register & 0xff) << 8) | (register >> 8);
        assert.deepEqual(wordsSwapped, straight.toReversed());
        assert.deepEqual(bytesSwapped, straight.map(swap));
        assert.deepEqual(both, straight.map(swap).toReversed());
      }),
    );
  });
});

function assertComesBack(codec: ReturnType<typeof registerCodec>, value: RawValue): void {
  const registers = codec.encode(value);
  assert(registers?.length === codec.words);
  assert.deepEqual(codec.decode([0, ...registers], 1), value);
}
