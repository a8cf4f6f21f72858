import assert from "node:assert/strict";
import { stdout } from "node:process";
import fc from "fast-check";
import { seededRandom } from "../../src/kit/random.ts";
import { checkStream, fuzzRtuFramer, receive } from "../support/rtu-fuzz.ts";
import { randomDialogue } from "../support/rtu-frames.ts";

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
