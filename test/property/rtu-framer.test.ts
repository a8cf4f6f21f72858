import assert from "node:assert/strict";
import { stdout } from "node:process";
import fc from "fast-check";
import { fromHex } from "../../src/kit/bytes.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { checkStream, fuzzRtuFramer, receive } from "../support/serial/rtu-fuzz.ts";
import { randomDialogue } from "../support/serial/rtu-frames.ts";

const dialogues = fc.integer({ min: 0, max: 2 ** 31 }).map((seed) => randomDialogue(seededRandom(seed)));

describe("the framer of RTU answers, whatever comes", () => {
  it("accepts the right answer in every split", () => {
    fc.assert(
      fc.property(dialogues, ({ request, answer }) => {
        assert.equal(checkStream(request, answer), "accepted");
      }),
    );
  });

  it("accepts the right answer in any number of pieces, behind the echo of its request", () => {
    fc.assert(
      fc.property(dialogues, fc.array(fc.nat(300), { maxLength: 12 }), ({ request, answer }, cuts) => {
        const stream = Buffer.concat([request, answer]);
        const ends = [...cuts.map((cut) => cut % stream.length), stream.length].sort((one, other) => one - other);
        const chunks = ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end));
        const found = receive(request, chunks, true);
        assert.equal(found.kind, "accepted");
        assert.ok(found.frame.equals(answer));
      }),
    );
  });

  it("accepts nothing before the request came back where the adapter echoes", () => {
    fc.assert(
      fc.property(dialogues, ({ request, answer }) => {
        const repeated = answer.equals(request);
        assert.equal(receive(request, [answer], true).kind, "waiting");
        assert.equal(receive(request, [answer, answer], true).kind, repeated ? "accepted" : "waiting");
      }),
    );
  });

  it("takes the answer where another intact frame, which is none, ends with the same byte", () => {
    // The check sum of what stands before the answer leaves no trace: both frames are intact. Frame 1,610,388 of seed 20261121.
    const request = fromHex("AD 2B 0E 01 03 A0 6E");
    const before = "AD 2B 0E 01 01 00 00 02 03 02 7D 21 04 06 1A";
    const answer = "AD 2B 0E 01 01 00 00 02 03 02 7D 21 04 06 1A D3 00 B4 4C AB 94 8B";
    assert.equal(checkStream(request, fromHex(`${before} ${answer}`)), "accepted");
  });

  it("accepts a mutated frame only where an independent check does (npm run fuzz:rtu for more)", () => {
    const seed = Date.now() % 1_000_000;
    const report = fuzzRtuFramer(6000, seed);
    stdout.write(`      seed ${seed}: ${JSON.stringify(report)}\n`);
    assert.ok(
      report.accepted > 1000 && report.waiting > 500 && report.mismatches > 100,
      "a share that tries everything",
    );
  }).timeout(60_000);
});
