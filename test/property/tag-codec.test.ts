import assert from "node:assert/strict";
import fc from "fast-check";
import { BYTE_ORDERS } from "../../src/modbus/byte-order.ts";
import { tagCodec } from "../../src/device/tag-codec.ts";
import { tagLike } from "../support/plants/tag.ts";
import { share } from "../support/mocha/soak.ts";

const scales = fc.constantFrom(1, 0.1, 0.01, 0.001, 0.5, 0.25, 2.5e-7, 10, 60, -1, -0.1, 1 / 3, 1e9);
const offsets = fc.constantFrom(0, 0.5, -40, 273.15, 1e-3, 100_000);
const order = fc.constantFrom(...BYTE_ORDERS);
const word = fc.integer({ min: 0, max: 0xffff });

describe("property: tag codec", () => {
  it("writes back the registers it read, whatever integer type, scale and offset", () => {
    const type = fc.constantFrom("int16" as const, "uint16" as const, "int32" as const, "uint32" as const);
    fc.assert(
      fc.property(type, order, scales, offsets, fc.array(word, { minLength: 2, maxLength: 2 }), (...drawn) => {
        const [type, order, scale, offset, words] = drawn;
        assertWrittenBack({ type, order, scale, offset }, words);
      }),
      { numRuns: share(1000) },
    );
  });

  it("writes back 64-bit registers under any whole scale", () => {
    const type = fc.constantFrom("int64" as const, "uint64" as const);
    const whole = fc.constantFrom(1, 10, 60, -1, 1e9);
    fc.assert(
      fc.property(type, order, whole, fc.integer(), fc.array(word, { minLength: 4, maxLength: 4 }), (...drawn) => {
        const [type, order, scale, offset, words] = drawn;
        assertWrittenBack({ type, order, scale, offset }, words);
      }),
      { numRuns: share(1000) },
    );
  });

  it("writes back the registers of a finite float32", () => {
    fc.assert(
      fc.property(order, fc.float({ noNaN: true, noDefaultInfinity: true }), (order, value) => {
        const codec = tagCodec(tagLike({ type: "float32", order }));
        assert(codec.kind === "registers");
        const written = codec.encode(value);
        assert(written.ok);
        const read = codec.decode(written.value, 0);
        assert(read.value !== null);
        assert.deepEqual(codec.encode(read.value), written);
      }),
      { numRuns: share(1000) },
    );
  });

  it("shows a scaled value with no more decimals than scale and offset have", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.integer({ min: -999, max: 999 }), word, (decimals, shift, raw) => {
        const scale = Number(`1e-${decimals}`);
        const offset = Number(`${shift}e-${decimals}`);
        const codec = tagCodec(tagLike({ type: "uint16", scale, offset }));
        assert(codec.kind === "registers");
        assert.equal(codec.decode([raw], 0).value, Number(`${raw + shift}e-${decimals}`));
      }),
    );
  });

  it("reads what a value becomes on the wire within half a step of what was written", () => {
    fc.assert(
      fc.property(scales, offsets, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (scale, offset, share) => {
        const codec = tagCodec(tagLike({ type: "uint16", scale, offset }));
        const wanted = scale === 1 ? Math.round(share * 65535) + offset : share * 65535 * scale + offset;
        assert(codec.kind === "registers");
        const written = codec.encode(wanted);
        assert(written.ok);
        const read = Number(codec.decode(written.value, 0).value);
        assert(Math.abs(read - wanted) <= (Math.abs(scale) / 2) * (1 + 1e-6), `${wanted} became ${read}`);
      }),
    );
  });

  it("never throws, whatever registers hold and whatever is to be written", () => {
    const type = fc.constantFrom("uint16" as const, "int64" as const, "float64" as const, "bcd64" as const);
    const anything = fc.oneof(fc.double(), fc.bigInt(), fc.string(), fc.boolean(), fc.array(fc.double()));
    fc.assert(
      fc.property(type, scales, offsets, fc.array(word, { minLength: 4, maxLength: 4 }), anything, (...drawn) => {
        const [type, scale, offset, words, value] = drawn;
        const codec = tagCodec(tagLike({ type, scale, offset }));
        assert(codec.kind === "registers");
        codec.decode(words, 0);
        codec.encode(value);
      }),
      { numRuns: share(1000) },
    );
  });
});

function assertWrittenBack(sketch: Parameters<typeof tagLike>[0], words: readonly number[]): void {
  const codec = tagCodec(tagLike(sketch));
  assert(codec.kind === "registers");
  const read = codec.decode(words, 0);
  assert(read.value !== null);
  assert.deepEqual(codec.encode(read.value), { ok: true, value: words.slice(0, codec.size) });
}
