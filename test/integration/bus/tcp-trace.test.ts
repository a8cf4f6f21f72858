import assert from "node:assert/strict";
import type { TracedFrame } from "../../../src/bus/line/trace-sink.ts";
import { ms } from "../../../src/kit/time.ts";
import { frame, honest, registerOf, type Script } from "../../support/tcp/hostile-server.ts";
import { pass, readRegisters, withRig } from "../../support/tcp/tcp-line-rig.ts";

/** Answers a request for address 9 from another unit first, one for address 8 too late. */
const odd: Script = (request) => {
  const address = request.pdu.readUInt16BE(1);
  const answers = honest(request);
  if (address === 9) return [{ send: frame(request.id, 99, Uint8Array.of(0x83, 2)) }, ...answers];
  return address === 8 ? [{ wait: 60 }, ...answers] : answers;
};

describe("the trace of a TCP line", () => {
  it("has every frame whole as it was on the wire, with what became of it", async () => {
    const frames: TracedFrame[] = [];
    await withRig(odd, { trace: (each) => frames.push(each) }, async (rig) => {
      await rig.ask(readRegisters(7));
      await rig.ask(readRegisters(9));
      await rig.ask(readRegisters(8), { responseTimeout: ms(20) });
      await pass(150);
    });
    assert.deepEqual(
      frames.map(({ line, direction, verdict }) => `${line} ${direction} ${verdict ?? ""}`.trim()),
      [
        "cell sent",
        "cell received accepted",
        "cell sent",
        "cell received wrong unit",
        "cell received late",
        "cell sent",
        "cell received late",
      ],
    );
    const [sent, received] = frames.map(({ bytes }) => Buffer.from(bytes));
    assert.ok(sent && received);
    assert.equal(sent.toString("hex", 2), "000000060103000700" + "01");
    const value = registerOf(1, 7).toString(16).padStart(4, "0");
    assert.equal(received.toString("hex"), `${sent.toString("hex", 0, 2)}00000005010302${value}`);
  });
});
