import assert from "node:assert/strict";
import { Gateway } from "../../../../simulators/serial/gateway.ts";
import type { Reply } from "../../../../simulators/wire/reply.ts";
import { fromHex, toHex } from "../../../../src/kit/bytes.ts";
import { ms } from "../../../../src/kit/time.ts";
import { SerialRig } from "../../../support/serial/serial-rig.ts";

describe("a simulated gateway", () => {
  let rig: SerialRig;
  let gateway: Gateway;
  let replies: { readonly at: number; readonly reply: string }[];

  beforeEach(() => {
    rig = new SerialRig();
    gateway = new Gateway({ bus: rig.bus, timeout: ms(100), mapped: new Set([0, 1, 2, 9]) });
    replies = [];
  });
  afterEach(() => {
    gateway.close();
    rig.close();
    assert.deepEqual(rig.clock.pending, []);
  });

  const ask = (unit: number, pdu: string): void =>
    gateway.ask(unit, fromHex(pdu), (reply) => replies.push({ at: rig.clock.now(), reply: textOf(reply) }));
  const texts = () => replies.map(({ reply }) => reply);

  it("carries a request over the wire and its answer back, when it has been silent for t3.5", async () => {
    ask(1, "03 00 00 00 01");
    await rig.pass(100);
    assert.deepEqual(texts(), ["03 02 00 00"]);
    assert.ok(Math.abs((replies[0]?.at ?? 0) - ((8 + 7 + 3.5) * 11) / 19.2 - 5) < 0.001);
  });

  it("asks one after the other, and never too early", async () => {
    for (const unit of [1, 2, 1, 2]) ask(unit, "06 00 03 00 07");
    await rig.pass(500);
    assert.deepEqual(texts(), Array(4).fill("06 00 03 00 07"));
    const cycle = ((8 + 8 + 3.5) * 11) / 19.2 + 5;
    replies.forEach(({ at }, index) => assert.ok(Math.abs(at - cycle * (index + 1)) < 0.001));
    assert.equal(rig.bus.counts.damaged, 0);
  });

  it("answers 0B for a unit that keeps silent, after its timeout, and goes on with the next", async () => {
    ask(9, "03 00 00 00 01");
    ask(1, "03 00 00 00 01");
    await rig.pass(300);
    assert.deepEqual(texts(), ["83 0B", "03 02 00 00"]);
    assert.ok(Math.abs((replies[0]?.at ?? 0) - (8 * 11) / 19.2 - 100) < 0.001);
  });

  it("answers 0A at once for a unit it has no route to", async () => {
    ask(77, "03 00 00 00 01");
    assert.deepEqual(texts(), ["83 0A"]);
    await rig.pass(200);
    assert.equal(rig.bus.counts.frames, 0);
  });

  it("takes a frame of another unit, or a damaged one, for no answer", async () => {
    rig.faults.add({ kind: "wrongUnit", times: 1 });
    ask(1, "03 00 00 00 01");
    await rig.pass(200);
    rig.faults.add({ kind: "badCrc", times: 1 });
    ask(1, "03 00 00 00 01");
    await rig.pass(200);
    assert.deepEqual(texts(), ["83 0B", "83 0B"]);
  });

  it("sends a broadcast and answers nothing", async () => {
    ask(0, "06 00 03 00 05");
    ask(1, "03 00 03 00 01");
    await rig.pass(300);
    assert.deepEqual(texts(), ["silence", "03 02 00 05"]);
  });

  it("takes no more than its buffer holds", () => {
    for (let turn = 0; turn < 100; turn++) ask(1, "03 00 00 00 01");
    assert.deepEqual(texts(), Array(35).fill("silence"));
  });
});

function textOf(reply: Reply): string {
  return reply.kind === "answer" ? toHex(reply.pdu) : reply.kind;
}
