import assert from "node:assert/strict";
import fc from "fast-check";
import { readPcapng } from "../../../../src/app/trace/pcapng.ts";
import { type RecordedFrame, readRecording, RecordingWriter } from "../../../../src/app/trace/recording.ts";
import { wallTime } from "../../../../src/kit/time.ts";

const frame: fc.Arbitrary<RecordedFrame> = fc.record({
  line: fc.constantFrom("drives", "cell", "meters"),
  protocol: fc.constantFrom("rtu" as const, "tcp" as const),
  direction: fc.constantFrom("sent" as const, "received" as const),
  at: fc.integer({ min: 0, max: 4e12 }).map((at) => wallTime(at / 8)),
  bytes: fc.uint8Array({ maxLength: 300 }),
  verdict: fc.option(fc.string({ maxLength: 60, unit: "grapheme" }), { nil: undefined }),
});

function written(frames: readonly RecordedFrame[]): Buffer {
  const writer = new RecordingWriter();
  return Buffer.concat(frames.map((each) => writer.write(each)));
}

describe("a recording", () => {
  it("gives back what was written: every frame with line, direction, time and verdict", () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 20 }), (frames) => {
        const read = readRecording(written(frames));
        assert.ok(read.ok);
        assert.deepEqual(
          read.value.map((each) => ({ ...each, bytes: Uint8Array.from(each.bytes), at: Math.round(each.at * 1000) })),
          frames.map((each) => ({ ...each, at: Math.round(each.at * 1000) })),
        );
      }),
    );
  });

  it("that was cut short or damaged is refused with a sentence, and never throws", () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(255), (frames, at, byte) => {
        const whole = written(frames);
        const cut = readRecording(whole.subarray(0, at % whole.length));
        if (!cut.ok) assert.match(cut.failure, /^it |^a packet |^the packet /);
        const damaged = Buffer.from(whole);
        damaged[at % damaged.length] = byte;
        readRecording(damaged);
      }),
    );
  });

  it("of something else is refused", () => {
    assert.deepEqual(readPcapng(Buffer.from("")), { ok: false, failure: "it is empty" });
    assert.deepEqual(readPcapng(Buffer.from("plant: demo and more")), { ok: false, failure: "it is no pcapng file" });
  });
});
