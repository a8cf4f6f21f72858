import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../../src/kit/bytes.ts";
import { checkAnswer } from "../../../src/modbus/answer-check.ts";

interface Case {
  readonly why: string;
  readonly request: string;
  readonly response: string;
  readonly expected: string;
}

const CASES: readonly Case[] = [
  { why: "coils", request: "01 0000 000A", response: "01 02 FF 03", expected: "ok" },
  { why: "coils, one byte short", request: "01 0000 000A", response: "01 01 FF", expected: "mismatch" },
  { why: "coils, count right and bytes missing", request: "01 0000 000A", response: "01 02 FF", expected: "mismatch" },
  { why: "discrete inputs", request: "02 0000 0008", response: "02 01 FF", expected: "ok" },
  { why: "holding registers", request: "03 0000 0002", response: "03 04 0001 0002", expected: "ok" },
  { why: "too many registers", request: "03 0000 0002", response: "03 06 0001 0002 0003", expected: "mismatch" },
  {
    why: "count of two, bytes of three",
    request: "03 0000 0002",
    response: "03 04 0001 0002 0003",
    expected: "mismatch",
  },
  { why: "no registers at all", request: "03 0000 0002", response: "03 00", expected: "mismatch" },
  { why: "input registers", request: "04 0000 0001", response: "04 02 0001", expected: "ok" },
  { why: "another function", request: "04 0000 0001", response: "03 02 0001", expected: "wrongFunction" },
  { why: "an empty response", request: "04 0000 0001", response: "", expected: "wrongFunction" },
  { why: "an exception", request: "03 0000 0001", response: "83 02", expected: "exception" },
  { why: "the exception of another function", request: "03 0000 0001", response: "84 02", expected: "wrongFunction" },
  { why: "an exception without its code", request: "03 0000 0001", response: "83", expected: "mismatch" },
  { why: "an exception that goes on", request: "03 0000 0001", response: "83 02 00", expected: "mismatch" },
  { why: "exception code 0", request: "03 0000 0001", response: "83 00", expected: "mismatch" },
  { why: "read/write", request: "17 0000 0002 0010 0001 02 00FF", response: "17 04 0001 0002", expected: "ok" },
  {
    why: "read/write, count of the write",
    request: "17 0000 0002 0010 0001 02 00FF",
    response: "17 02 0001",
    expected: "mismatch",
  },
  { why: "server id", request: "11", response: "11 03 2A FF 01", expected: "ok" },
  { why: "server id without a run indicator", request: "11", response: "11 01 2A", expected: "mismatch" },
  { why: "server id cut short", request: "11", response: "11 04 2A FF 01", expected: "mismatch" },
  { why: "identification", request: "2B 0E 01 00", response: "2B 0E 01 01 00 00 01 00 02 4F 4B", expected: "ok" },
  {
    why: "identification, more follows",
    request: "2B 0E 01 00",
    response: "2B 0E 01 01 FF 01 03 00 02 4F 4B",
    expected: "ok",
  },
  {
    why: "identification that goes back",
    request: "2B 0E 01 00",
    response: "2B 0E 01 01 FF 00 03 00 02 4F 4B",
    expected: "mismatch",
  },
  { why: "nothing, and more follows", request: "2B 0E 01 00", response: "2B 0E 01 01 FF 01 00", expected: "mismatch" },
  {
    why: "another category",
    request: "2B 0E 01 00",
    response: "2B 0E 02 01 00 00 01 00 02 4F 4B",
    expected: "mismatch",
  },
  {
    why: "another MEI type",
    request: "2B 0E 01 00",
    response: "2B 0D 01 01 00 00 01 00 02 4F 4B",
    expected: "mismatch",
  },
  {
    why: "an object longer than the response",
    request: "2B 0E 01 00",
    response: "2B 0E 01 01 00 00 01 00 03 4F 4B",
    expected: "mismatch",
  },
  {
    why: "more objects than counted",
    request: "2B 0E 01 00",
    response: "2B 0E 01 01 00 00 00 00 02 4F 4B",
    expected: "mismatch",
  },
  { why: "one object", request: "2B 0E 04 02", response: "2B 0E 04 81 00 00 01 02 01 31", expected: "ok" },
  {
    why: "another object than asked",
    request: "2B 0E 04 02",
    response: "2B 0E 04 81 00 00 01 03 01 31",
    expected: "mismatch",
  },
  { why: "identification cut off", request: "2B 0E 01 00", response: "2B 0E 01 01 00", expected: "mismatch" },
];

const ECHOES: Readonly<Record<string, readonly [request: string, echo: string]>> = {
  "write single coil": ["05 0010 FF00", "05 0010 FF00"],
  "write single register": ["06 0010 1234", "06 0010 1234"],
  "write multiple coils": ["0F 0010 000A 02 FF 03", "0F 0010 000A"],
  "write multiple registers": ["10 0010 0002 04 0001 0002", "10 0010 0002"],
  "mask write register": ["16 0010 00F2 0025", "16 0010 00F2 0025"],
};

describe("the answer check", () => {
  for (const { why, request, response, expected } of CASES) {
    it(`says ${expected} to ${why}`, () => {
      assert.equal(checkAnswer(fromHex(request), fromHex(response)).kind, expected);
    });
  }

  for (const [name, [request, echo]] of Object.entries(ECHOES)) {
    it(`accepts the echo of ${name}, and no echo that differs in one byte or in length`, () => {
      const sent = fromHex(request);
      const good = fromHex(echo);
      assert.equal(checkAnswer(sent, good).kind, "ok");
      for (let at = 0; at < good.length; at++) {
        for (let value = 0; value < 256; value++) {
          const wrong = Buffer.from(good);
          wrong[at] = value;
          if (value === good[at]) continue;
          assert.match(checkAnswer(sent, wrong).kind, /^(mismatch|wrongFunction)$/, wrong.toString("hex"));
        }
      }
      for (let length = 0; length < good.length; length++) {
        assert.notEqual(checkAnswer(sent, good.subarray(0, length)).kind, "ok");
      }
      assert.equal(checkAnswer(sent, Buffer.concat([good, Buffer.of(0)])).kind, "mismatch");
    });
  }

  it("names what differs in an echo", () => {
    const reason = (response: string): unknown => {
      const check = checkAnswer(fromHex("16 0010 00F2 0025"), fromHex(response));
      return check.kind === "mismatch" ? check.reason : check.kind;
    };
    assert.equal(reason("16 0011 00F2 0025"), "echo of address 17 instead of 16");
    assert.equal(reason("16 0010 00F3 0025"), "echo of and mask 243 instead of 242");
    assert.equal(reason("16 0010 00F2 0024"), "echo of or mask 36 instead of 37");
  });

  it("accepts of all responses to a read only those of exactly the length asked for", () => {
    const reads = fc
      .constantFrom([1, 2000], [2, 2000], [3, 125], [4, 125])
      .chain(([code = 0, most = 0]) =>
        fc.tuple(fc.constant(code), fc.integer({ min: 1, max: most }), fc.nat(255), fc.nat(260)),
      );
    fc.assert(
      fc.property(reads, ([code, quantity, count, length]) => {
        const request = Buffer.of(code, 0, 0, quantity >> 8, quantity & 255);
        const wanted = code <= 2 ? Math.ceil(quantity / 8) : 2 * quantity;
        const response = Buffer.concat([Buffer.of(code, count), Buffer.alloc(length)]);
        assert.equal(checkAnswer(request, response).kind === "ok", count === wanted && length === wanted);
        const right = Buffer.concat([Buffer.of(code, wanted), Buffer.alloc(wanted)]);
        assert.equal(checkAnswer(request, right).kind, "ok");
      }),
    );
  });

  it("never throws, whatever comes back", () => {
    const requests = fc.constantFrom(
      ...CASES.map((row) => row.request),
      ...Object.values(ECHOES).map(([sent]) => sent),
    );
    fc.assert(
      fc.property(requests, fc.uint8Array({ maxLength: 253 }), fc.boolean(), (request, response, sameFunction) => {
        const sent = fromHex(request);
        if (sameFunction && response.length > 0) response[0] = sent[0] ?? 0;
        checkAnswer(sent, response);
      }),
    );
  });
});
