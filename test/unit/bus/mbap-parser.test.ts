import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../../src/kit/bytes.ts";
import { MbapParser } from "../../../src/bus/mbap-parser.ts";

interface Frame {
  readonly id: number;
  readonly body: string;
}

interface Reading {
  readonly frames: readonly Frame[];
  readonly state: string;
}

function read(chunks: readonly Buffer[]): Reading {
  const frames: Frame[] = [];
  const parser = new MbapParser((id, body) => frames.push({ id, body: body.toString("hex") }));
  for (const chunk of chunks) {
    const before = parser.state.state;
    assert.equal(parser.push(chunk), parser.state.state === "collecting");
    if (before === "poisoned") assert.equal(parser.state.state, "poisoned");
    if (parser.state.state === "collecting") assert.ok(parser.state.held < 260);
  }
  return { frames, state: parser.state.state };
}

function encode(id: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function split(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const points = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return points.slice(1).map((end, index) => bytes.subarray(points[index], end));
}

const frames = fc.array(fc.tuple(fc.nat(65_535), fc.uint8Array({ minLength: 2, maxLength: 254 })), { maxLength: 6 });

describe("the MBAP parser", () => {
  it("finds two merged frames, cut at every byte", () => {
    const bytes = Buffer.concat([encode(1, fromHex("11 03 04 00 01 00 02")), encode(258, fromHex("12 83 02"))]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(read([bytes.subarray(0, cut), bytes.subarray(cut)]).frames, [
        { id: 1, body: "11030400010002" },
        { id: 258, body: "128302" },
      ]);
    }
  });

  it("finds the same frames in every chunking", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(2000)), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([id, body]) => encode(id, body)));
        const expected = sent.map(([id, body]) => ({ id, body: Buffer.from(body).toString("hex") }));
        assert.deepEqual(read(split(bytes, cuts)), { frames: expected, state: "collecting" });
        assert.deepEqual(read(Array.from(bytes, (byte) => Buffer.of(byte))).frames, expected);
      }),
    );
  });

  it("reads any bytes alike in every chunking, up to the first bad header", () => {
    fc.assert(
      fc.property(frames, fc.uint8Array({ maxLength: 600 }), fc.array(fc.nat(3000)), (sent, noise, cuts) => {
        const bytes = Buffer.concat([...sent.map(([id, body]) => encode(id, body)), noise]);
        assert.deepEqual(read(split(bytes, cuts)), read([bytes]));
      }),
    );
  });

  for (const [why, header] of [
    ["a protocol id other than 0", "0001 0001 0006"],
    ["a length of 1", "0001 0000 0001"],
    ["a length of 255", "0001 0000 00FF"],
    ["a length of 65,535", "0001 0000 FFFF"],
  ] as const) {
    it(`is poisoned for good by ${why}, without waiting for what the header promises`, () => {
      const good = encode(7, fromHex("01 83 02"));
      const { frames: found, state } = read([Buffer.concat([good, fromHex(header)]), good]);
      assert.deepEqual(found, [{ id: 7, body: "018302" }]);
      assert.equal(state, "poisoned");
    });
  }

  it("accepts the shortest and the longest frame", () => {
    const { frames: found } = read([encode(1, Buffer.alloc(2)), encode(2, Buffer.alloc(254))]);
    assert.deepEqual(
      found.map(({ body }) => body.length / 2),
      [2, 254],
    );
  });
});
