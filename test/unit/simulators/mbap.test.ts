import assert from "node:assert/strict";
import { answerFrame, emptyStream, splitRequests } from "../../../simulators/wire/mbap.ts";
import { fromHex, toHex } from "../../../src/kit/bytes.ts";

const two = fromHex("00 01 00 00 00 06 11 03 00 6B 00 03   00 02 00 00 00 02 12 11");

function feed(chunks: readonly Buffer[]) {
  let stream = emptyStream;
  const requests: string[] = [];
  for (const chunk of chunks) {
    const cut = splitRequests(stream, chunk);
    stream = cut.stream;
    requests.push(...cut.requests.map(({ transaction, unit, pdu }) => `${transaction} ${unit} ${toHex(pdu)}`));
  }
  return { stream, requests };
}

describe("the slaves' MBAP splitter", () => {
  it("finds the same requests wherever the stream is cut", () => {
    for (let first = 0; first <= two.length; first++) {
      for (let second = first; second <= two.length; second++) {
        const { stream, requests } = feed([two.subarray(0, first), two.subarray(first, second), two.subarray(second)]);
        assert.deepEqual(requests, ["1 17 03 00 6B 00 03", "2 18 11"]);
        assert.deepEqual(stream, emptyStream);
      }
    }
  });

  const broken: readonly (readonly [string, string, string])[] = [
    ["a protocol id other than 0", "00 01 00 01 00 06 11", "protocol id 1"],
    ["a length without room for a function", "00 01 00 00 00 01 11", "length 1"],
    ["a length beyond the largest frame", "00 01 00 00 00 FF 11", "length 255"],
  ];
  for (const [what, header, reason] of broken) {
    it(`gives up at ${what}, and says what came before`, () => {
      const { stream, requests } = feed([two, fromHex(header), two]);
      assert.deepEqual(stream, { state: "broken", reason });
      assert.equal(requests.length, 2);
    });
  }

  it("keeps less than one frame", () => {
    const longest = Buffer.concat([fromHex("00 01 00 00 00 FE 11"), Buffer.alloc(252)]);
    const { stream } = feed([longest]);
    assert.equal(stream.state === "open" && stream.rest.length, 259);
    assert.equal(feed([longest, Buffer.alloc(1)]).requests.length, 1);
  });

  it("answers under the request's transaction and unit", () => {
    const frame = answerFrame({ transaction: 0x1501, unit: 0xff, pdu: Buffer.alloc(0) }, fromHex("83 02"));
    assert.equal(toHex(frame), "15 01 00 00 00 03 FF 83 02");
  });
});
