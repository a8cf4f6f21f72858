import assert from "node:assert/strict";
import type { TracedFrame } from "../../../src/bus/line/trace-sink.ts";
import { LineTraces } from "../../../src/app/scan/line-traces.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";

describe("the trace of a line", () => {
  const clock = new VirtualClock();
  const traces = new LineTraces(clock);
  const sink = traces.sinkOf("drives");
  const put = (count: number): void => {
    for (let index = 0; index < count; index++) sink(frame(index));
  };
  const frame = (index: number): TracedFrame => ({
    line: "drives",
    direction: "sent",
    at: clock.now(),
    bytes: Buffer.of(index & 255),
    verdict: undefined,
  });
  const taken = (): readonly [number, number, boolean] => {
    const { frames = [], dropped = NaN, more = false } = traces.take("drives") ?? {};
    return [frames.length, dropped, more];
  };

  it("keeps nothing while nobody watches", () => {
    put(5);
    assert.deepEqual(taken(), [0, 0, false]);
  });

  it("gives each frame once, a few at a time", () => {
    put(40);
    assert.deepEqual(taken(), [32, 0, true]);
    assert.deepEqual(taken(), [8, 0, false]);
    assert.deepEqual(taken(), [0, 0, false]);
  });

  it("keeps the newest when they are not fetched, and says how many were lost", () => {
    put(600);
    assert.deepEqual(taken(), [32, 600 - 512, true]);
    assert.deepEqual(taken(), [32, 0, true]);
  });

  it("ends when nobody asks any more", async () => {
    while (taken()[0] > 0);
    await clock.advance(ms(5001));
    put(5);
    assert.deepEqual(taken(), [0, 0, false]);
    put(1);
    assert.deepEqual(taken(), [1, 0, false]);
  });

  it("of an unknown line is none", () => assert.equal(traces.take("nowhere"), undefined));
});
