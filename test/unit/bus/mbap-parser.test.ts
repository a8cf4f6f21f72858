import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../../src/kit/bytes.ts";
import { MbapParser } from "../../../src/bus/tcp/mbap-parser.ts";

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
  const parser = new MbapParser((found) => {
    for (const { transactionId: id, body } of found) frames.push({ id, body: body.toString("hex") });
  });
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

  it("reads any bytes alike in every chunking, but for what came together with the first bad header", () => {
    fc.assert(
      fc.property(frames, fc.uint8Array({ maxLength: 600 }), fc.array(fc.nat(3000)), (sent, noise, cuts) => {
        const bytes = Buffer.concat([...sent.map(([id, body]) => encode(id, body)), noise]);
        const some = read(split(bytes, cuts));
        const single = read(Array.from(bytes, (byte) => Buffer.of(byte)));
        assert.equal(some.state, single.state);
        assert.deepEqual(some.frames, single.frames.slice(0, some.frames.length));
        if (some.state === "collecting") assert.ok(single.frames.length - some.frames.length <= 1);
      }),
    );
  });

  it("keeps a frame back while part of another follows it", () => {
    const [one, other] = [encode(1, fromHex("01 83 02")), encode(2, fromHex("01 84 02"))];
    const both = Buffer.concat([one, other]);
    for (let cut = one.length + 1; cut < both.length; cut++) {
      assert.deepEqual(read([both.subarray(0, cut)]).frames, []);
      assert.equal(read([both.subarray(0, cut), both.subarray(cut)]).frames.length, 2);
    }
  });

  it("passes on no answer that broke off and was completed by the next one, wherever it broke", () => {
    const next = encode(2, fromHex("01 03 02 00 8B"));
    for (let missing = 1; missing < next.length; missing++) {
      const whole = encode(1, fromHex("01 03 10 00 01 00 02 00 03 00 04 00 05 00 06 00 07 00 08"));
      const broken = whole.subarray(0, whole.length - missing);
      assert.deepEqual(read([broken, next]).frames, [], `${missing} bytes missing`);
      assert.deepEqual(read([Buffer.concat([broken, next])]).frames, [], `${missing} bytes missing, in one chunk`);
    }
  });

  for (const [why, header] of [
    ["a protocol id other than 0", "0001 0001 0006"],
    ["a length of 1", "0001 0000 0001"],
    ["a length of 255", "0001 0000 00FF"],
    ["a length of 65,535", "0001 0000 FFFF"],
  ] as const) {
    it(`is poisoned for good by ${why}, without waiting for what the header promises`, () => {
      const good = encode(7, fromHex("01 83 02"));
      const { frames: found, state } = read([good, Buffer.concat([good, fromHex(header)]), good]);
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
