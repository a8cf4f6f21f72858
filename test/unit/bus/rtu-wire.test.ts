import assert from "node:assert/strict";
import type { RtuTiming } from "../../../src/bus/rtu/rtu-timing.ts";
import { clearAt, nextWire, type RtuWire, type RtuWireEvent, wireAlarm } from "../../../src/bus/rtu/rtu-wire.ts";
import { instant, ms } from "../../../src/kit/time.ts";

const TIMING: RtuTiming = {
  character: ms(1),
  frameGap: ms(4),
  settled: ms(5),
  forwarding: ms(0),
  mostTalk: ms(500),
  mostBlocked: ms(1000),
  broadcastTurnaround: ms(100),
};
const at = instant;
const sending = (then: "listen" | "quiet" | "drain"): RtuWire => ({
  state: "sending",
  lastByte: at(0),
  stuckAt: at(1018),
  then,
});
const awaiting: RtuWire = { state: "awaiting", lastByte: at(18), deadline: at(118), damaged: false };
const draining: RtuWire = { state: "draining", lastByte: at(118), jammedAt: at(618) };
const sent = { kind: "sent", at: at(18), now: at(18), deadline: at(118) } as const;

const ROWS: readonly (readonly [string, RtuWire, RtuWireEvent, RtuWire])[] = [
  [
    "a frame is handed over",
    { state: "quiet", lastByte: at(0) },
    { kind: "transmitting", at: at(10), duration: ms(8) },
    sending("listen"),
  ],
  ["it has left", sending("listen"), sent, awaiting],
  [
    "a broadcast has left",
    sending("listen"),
    { ...sent, deadline: undefined },
    { state: "turnaround", lastByte: at(18), until: at(118) },
  ],
  ["the answer is faster than the news", sending("listen"), { kind: "answered", at: at(17) }, sending("quiet")],
  ["then the news comes", sending("quiet"), sent, { state: "quiet", lastByte: at(18) }],
  ["it is given up before the news", sending("listen"), { kind: "failed", at: at(17) }, sending("drain")],
  ["and drained after it", sending("drain"), sent, { state: "draining", lastByte: at(18), jammedAt: at(518) }],
  [
    "bytes do not move the deadline",
    awaiting,
    { kind: "received", at: at(50), damaged: false },
    { ...awaiting, lastByte: at(50) },
  ],
  [
    "the answer ends at its last byte",
    awaiting,
    { kind: "answered", at: at(60) },
    { state: "quiet", lastByte: at(60) },
  ],
  ["a timeout is drained from then on", awaiting, { kind: "failed", at: at(118) }, draining],
  [
    "a late byte begins the silence anew",
    draining,
    { kind: "received", at: at(120), damaged: false },
    { ...draining, lastByte: at(120) },
  ],
  ["silence was long enough", draining, { kind: "settled" }, { state: "quiet", lastByte: at(118) }],
  [
    "somebody talks unasked",
    { state: "quiet", lastByte: at(0) },
    { kind: "received", at: at(9), damaged: false },
    { state: "draining", lastByte: at(9), jammedAt: at(509) },
  ],
];

describe("who may talk on a line of RTU frames", () => {
  for (const [what, wire, event, next] of ROWS) {
    it(`${what}: ${wire.state} to ${next.state}`, () => assert.deepEqual(nextWire(wire, event, TIMING), next));
  }

  it("lets a frame begin only after the gap", () => {
    assert.equal(clearAt({ state: "quiet", lastByte: at(10) }, TIMING), 14);
    for (const wire of [sending("quiet"), awaiting, draining]) assert.equal(clearAt(wire, TIMING), undefined);
  });

  it("knows what time will mean", () => {
    assert.equal(wireAlarm({ state: "quiet", lastByte: at(0) }, TIMING), undefined);
    assert.deepEqual(wireAlarm(sending("listen"), TIMING), { at: 1018, meaning: "stuck" });
    assert.deepEqual(wireAlarm(awaiting, TIMING), { at: 118, meaning: "timeout" });
    assert.deepEqual(wireAlarm({ ...awaiting, damaged: true }, TIMING), { at: 23, meaning: "damaged" });
    assert.deepEqual(wireAlarm({ ...awaiting, damaged: true, lastByte: at(116) }, TIMING), {
      at: 118,
      meaning: "timeout",
    });
    assert.deepEqual(wireAlarm(draining, TIMING), { at: 123, meaning: "settled" });
    assert.deepEqual(wireAlarm({ ...draining, lastByte: at(617) }, TIMING), { at: 618, meaning: "jammed" });
  });
});
