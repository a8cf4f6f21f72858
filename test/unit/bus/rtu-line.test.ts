import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { rightPdu } from "../../support/tcp/hostile-server.ts";
import { RtuRig, type RtuRigOptions } from "../../support/serial/rtu-line-rig.ts";
import { rtu } from "../../support/serial/rtu-oracle.ts";
import { CHUNKINGS, describeOutcome, playRtuScript } from "../../support/serial/rtu-script.ts";

interface Script {
  readonly text: string;
  readonly options?: RtuRigOptions;
}

/** One for each row of the catalogue of faults that concerns the wire. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  "a late answer must not become the next value": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      .. 115 ms                        timeout; the line drains, the unit is left alone
      == timeout
      << 11 03 04 00 01 00 02 3B F3    late: counted, not delivered
      .. 5 ms
      == late 1
      .. 200 ms
      >> 11 03 00 0A 00 02 E6 99
      << 11 03 04 00 AA 00 BB 8B A1
      == registers 170 187
    `,
  },
  "the same answer twice is one answer": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << 11 03 04 00 01 00 02 3B F3 11 03 04 00 01 00 02 3B F3
      == registers 1 2
    `,
  },
  "the other units are served while one is left alone": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      .. 115 ms
      == timeout
      >> 12 03 00 00 00 02 C6 A8
      << 11 03 04 00 01 00 02 3B F3    the other's late answer
      << 12 03 04 00 03 00 04 29 31
      == registers 3 4
      == late 1
    `,
  },
  "a wrong unit's frame is skipped under the same deadline": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      .. 60 ms
      << 12 03 04 00 03 00 04 29 31
      .. 35 ms
      == pending
      .. 10 ms
      == timeout
    `,
  },
  "an exception is an answer": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << 11 83 02 C1 34
      == exception 2
      >> 11 03 00 00 00 02 C6 9B
      << 11 83 06 C0 F7
      == exception 6
    `,
  },
  "a wrong function is discarded": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << 11 04 04 00 01 00 02 3A 44
      == pending
      << 11 03 04 00 01 00 02 3B F3
      == registers 1 2
    `,
  },
  "another byte count fails at once and is drained": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << 11 03 02 00 01 B8 47
      == mismatch: byte count 2 instead of 4
      << 11 03 04 00 01 00 02 3B F3
      .. 10 ms
      == late 1
    `,
  },
  "another echo leaves a write unknown": {
    text: `
      >> 11 06 00 10 12 34 87 E8
      << 11 06 00 11 12 34 D6 28
      == mismatch: echo of address 17 instead of 16
    `,
  },
  "a wrong check sum fails after a silence, not at the deadline": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << 11 03 04 00 01 00 02 3B F4
      == pending
      .. 3 ms
      == damaged
    `,
  },
  "noise before and after the answer does not matter": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << FF 11 03 04 00 11
      .. 30 ms
      << 11 03 04 00 01 00 02 3B F3 00 FF
      == registers 1 2
      >> 11 03 00 00 00 02 C6 9B
      << 11 03 04 00 05 00 06 7B F1
      == registers 5 6
    `,
  },
  "noise alone is damage": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << FF 11 03 04 00 11
      .. 120 ms
      == damaged
    `,
  },
  "an answer in pieces keeps its deadline": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << 11 03 04 00
      .. 50 ms
      << 01
      .. 40 ms
      << 00
      .. 10 ms
      == damaged
      << 02 3B F3
      .. 5 ms
      == damaged
    `,
  },
  "the echo of a two-wire adapter is skipped": {
    text: `
      >> 11 06 00 10 12 34 87 E8
      << 11 06 00 10 12 34 87 E8
      == pending
      << 11 06 00 10 12 34 87 E8
      == written
    `,
    options: { settings: { localEcho: true } },
  },
  "an echo that did not come back whole makes no answer": {
    text: `
      >> 11 06 00 10 12 34 87 E8
      << 11 06 00 10 12 34 87 29
      << 11 06 00 10 12 34 87 E8
      .. 120 ms
      == damaged
    `,
    options: { settings: { localEcho: true } },
  },
  "a broadcast is written and awaits nobody": {
    text: `
      >> 00 06 00 10 12 34 84 A9
      == pending
      .. 90 ms
      == pending
      .. 15 ms
      == written
    `,
  },
  "over TCP a pause inside a frame means nothing": {
    text: `
      >> 11 03 00 00 00 02 C6 9B
      << 11 03 04 00
      .. 80 ms
      << 01 00 02 3B F3
      == registers 1 2
    `,
    options: { overTcp: {} },
  },
};

const READ: Request = { fc: 3, address: 0, quantity: 2 };
const WRITE: Request = { fc: 6, address: 16, value: 1 };
const answerTo = (frame: Buffer): Buffer =>
  rtu([frame.readUInt8(0), ...rightPdu({ unit: frame.readUInt8(0), pdu: frame.subarray(1, -2) })]);

async function withRig(options: RtuRigOptions, body: (rig: RtuRig) => Promise<void>): Promise<void> {
  const rig = new RtuRig(options);
  await rig.up();
  await body(rig);
  await rig.line.close();
  assert.deepEqual(rig.clock.pending, [], "timers left");
  assert.deepEqual(rig.wire.violations, []);
}

describe("a line of RTU frames", () => {
  for (const [what, { text, options }] of Object.entries(SCRIPTS)) {
    for (const [name, chunking] of Object.entries(CHUNKINGS)) {
      it(`${what} (${name})`, () => playRtuScript(text, chunking, options));
    }
  }

  it("has one transaction in flight and t3.5 before every frame", () =>
    withRig({}, async (rig) => {
      rig.wire.onFrame = (frame) => rig.clock.after("slave", ms(3), () => rig.wire.say(answerTo(frame)));
      const asked = Array.from({ length: 40 }, (_, at) => rig.ask({ ...READ, address: at }, { unit: 1 + (at % 5) }));
      await rig.pass(1000);
      assert.deepEqual(
        new Set(asked.map(({ outcome }) => describeOutcome(outcome).split(" ")[0])),
        new Set(["registers"]),
      );
    }));

  it("discards what came unseen before a frame, unless the line was watched up to it", () =>
    withRig({}, async (rig) => {
      rig.wire.onFrame = (frame) => rig.wire.say(answerTo(frame));
      await rig.pass(50);
      for (let address = 0; address < 3; address++) rig.ask({ ...READ, address }, { unit: 1 });
      await rig.pass(500);
      assert.deepEqual([rig.wire.frames.length, rig.wire.discards], [3, 1]);
      rig.ask(READ, { unit: 1 });
      await rig.pass(500);
      assert.deepEqual([rig.wire.frames.length, rig.wire.discards], [4, 2]);
    }));

  it("writes before reads before slack, and lets nothing between the steps of a transaction", () =>
    withRig({}, async (rig) => {
      rig.wire.onFrame = (frame) => rig.wire.say(answerTo(frame));
      rig.ask(READ, { unit: 1, follow: (_, step) => (step === 0 ? { fc: 4, address: 0, quantity: 1 } : undefined) });
      rig.ask(READ, { unit: 2, lane: "slack" });
      rig.ask(READ, { unit: 3 });
      rig.ask(WRITE, { unit: 4, lane: "write" });
      await rig.pass(300);
      assert.deepEqual(
        rig.wire.frames.map(({ bytes }) => [bytes[0], bytes[1]]),
        [
          [1, 3],
          [1, 4],
          [4, 6],
          [3, 3],
          [2, 3],
        ],
      );
    }));

  it("lets a quarantined unit's transactions wait, or drops them when it is too late", () =>
    withRig({}, async (rig) => {
      rig.ask(READ);
      await rig.pass(120);
      const patient = rig.ask(READ);
      const hasty = rig.ask(READ, { sendBy: ms(rig.clock.now() + 50) as never });
      await rig.pass(60);
      assert.equal(describeOutcome(hasty.outcome), "not sent: too late");
      assert.equal(rig.wire.frames.length, 1);
      rig.wire.onFrame = (frame) => rig.wire.say(answerTo(frame));
      await rig.pass(200);
      assert.match(describeOutcome(patient.outcome), /^registers/);
    }));

  it("gives a long answer at a low rate its time on the wire", () =>
    withRig({ settings: { format: { baudRate: 1200, parity: "none", stopBits: 2 } } }, async (rig) => {
      const asked = rig.ask({ ...READ, quantity: 125 });
      rig.wire.onFrame = (frame) => rig.clock.after("slave", ms(2400), () => rig.wire.say(answerTo(frame)));
      await rig.pass(2600);
      assert.match(describeOutcome(asked.outcome), /^registers/);
    }));

  it("takes an answer that is faster than the news of its request's departure", () =>
    withRig({}, async (rig) => {
      const asked = rig.ask(READ);
      await rig.pass(2);
      rig.wire.say(answerTo(rig.wire.frames[0]?.bytes ?? Buffer.alloc(0)));
      await rig.pass(1);
      assert.match(describeOutcome(asked.outcome), /^registers/);
      rig.wire.onFrame = (frame) => rig.wire.say(answerTo(frame));
      const next = rig.ask(READ);
      await rig.pass(50);
      assert.match(describeOutcome(next.outcome), /^registers/);
    }));

  it("fails what is under way when the port is lost, says no while it is, and comes back", () =>
    withRig({}, async (rig) => {
      const asked = rig.ask(READ);
      const waiting = rig.ask(READ);
      await rig.pass(1);
      rig.wire.refusal = "no such port";
      rig.wire.lose("EIO");
      await rig.pass(1);
      assert.equal(describeOutcome(asked.outcome), "lineLost");
      assert.equal(describeOutcome(waiting.outcome), "not sent: line down");
      await rig.pass(100_000);
      const { openings } = rig.wire;
      assert.ok(openings >= 5 && openings <= 9, `${openings} openings`);
      rig.wire.refusal = undefined;
      await rig.pass(30_000);
      assert.equal(rig.line.state.state, "up");
      assert.deepEqual(
        rig.log.map(({ event }) => event),
        ["line.up", "line.down", "line.up"],
      );
    }));

  it("gives up a port that takes no frame", () =>
    withRig({}, async (rig) => {
      rig.wire.blocked = true;
      const asked = rig.ask(READ);
      await rig.pass(1100);
      assert.equal(describeOutcome(asked.outcome), "lineLost");
      assert.equal(rig.line.state.state, "down");
    }));

  it("gives up while somebody talks without end, and returns when it is silent", () =>
    withRig({}, async (rig) => {
      for (let time = 0; time < 2000; time++) {
        rig.wire.say(Buffer.from("55AA", "hex"));
        await rig.pass(1);
      }
      assert.match(JSON.stringify(rig.log.at(-1)), /talks without end/);
      await rig.pass(2000);
      assert.equal(rig.line.state.state, "up");
    }));

  it("stops transmitting when another master asks on the line", () =>
    withRig({}, async (rig) => {
      for (let time = 0; time < 3; time++) {
        rig.wire.say(rtu([9, 3, 0, 1, 0, 2]));
        await rig.pass(50);
      }
      assert.match(JSON.stringify(rig.log.at(-1)), /another master/);
      assert.equal(rig.line.state.state, "down");
    }));

  const QUESTIONS: Readonly<Record<string, readonly number[]>> = {
    "to read": [9, 3, 0, 1, 0, 2],
    "to write several registers": [9, 16, 0, 1, 0, 1, 2, 0, 7],
    "who a unit is": [9, 17],
  };
  for (const [what, question] of Object.entries(QUESTIONS)) {
    it(`tells of another master's question ${what}`, () =>
      withRig({}, async (rig) => {
        rig.wire.say(rtu(question));
        await rig.pass(50);
        assert.deepEqual(rig.overheard, [{ kind: "foreignQuestion", unit: 9 }]);
      }));
  }

  it("takes neither of two different answers that come in one piece: one was held back", () =>
    withRig({}, async (rig) => {
      rig.wire.onFrame = (frame) => {
        const held = answerTo(frame).subarray(0, -2);
        held[4] = (held[4] ?? 0) ^ 1;
        rig.wire.say(Buffer.concat([rtu([...held]), answerTo(frame)]));
      };
      const asked = rig.ask(READ);
      await rig.pass(100);
      assert.equal(describeOutcome(asked.outcome), "mismatch: another answer comes with it");
      rig.wire.onFrame = (frame) => rig.wire.say(Buffer.concat([answerTo(frame), rtu([9, 3, 2, 0, 1])]));
      const other = rig.ask(READ, { unit: 0x12 });
      await rig.pass(100);
      assert.match(describeOutcome(other.outcome), /^registers/);
    }));

  it("tells of a second answer, whole or behind the first, and of no late one", () =>
    withRig({}, async (rig) => {
      for (const pause of [0, 30]) {
        rig.wire.onFrame = (frame) => {
          const second = answerTo(frame);
          second[4] = (second[4] ?? 0) ^ 1;
          rig.wire.say(answerTo(frame));
          rig.clock.after("twin", ms(pause), () => rig.wire.say(rtu([...second.subarray(0, -2)])));
        };
        const asked = rig.ask(READ);
        await rig.pass(100);
        assert.match(describeOutcome(asked.outcome), /^registers/);
      }
      assert.deepEqual(rig.overheard, Array(2).fill({ kind: "secondAnswer", unit: 0x11 }));
      rig.wire.onFrame = (frame) => rig.clock.after("late", ms(200), () => rig.wire.say(answerTo(frame)));
      rig.ask(READ);
      await rig.pass(500);
      assert.equal(rig.overheard.length, 2);
    }));

  it("tells of an adapter that begins to hear what it sends, and that it has ceased, and reads right all the while", () =>
    withRig({}, async (rig) => {
      const reads = async (echo: boolean, count: number): Promise<void> => {
        rig.wire.onFrame = (frame) => {
          if (echo) rig.wire.say(frame);
          rig.clock.after("slave", ms(3), () => rig.wire.say(answerTo(frame)));
        };
        for (let time = 0; time < count; time++) {
          const asked = rig.ask(READ);
          await rig.pass(50);
          assert.match(describeOutcome(asked.outcome), /^registers/);
        }
      };
      await reads(true, 4);
      assert.deepEqual(rig.overheard, []);
      await reads(true, 3);
      await reads(false, 7);
      assert.deepEqual(rig.overheard, [
        { kind: "echo", present: true },
        { kind: "echo", present: false },
      ]);
    }));

  it("says nothing of an echo where one was announced", () =>
    withRig({ settings: { localEcho: true } }, async (rig) => {
      rig.wire.onFrame = (frame) => {
        rig.wire.say(frame);
        rig.clock.after("slave", ms(3), () => rig.wire.say(answerTo(frame)));
      };
      for (let time = 0; time < 8; time++) {
        rig.ask(READ);
        await rig.pass(50);
      }
      assert.deepEqual(rig.overheard, []);
    }));

  it("counts what of a unit's answers was its own time, whatever they are long", () =>
    withRig({ units: [1] }, async (rig) => {
      rig.wire.onFrame = (frame) => {
        const answer = answerTo(frame);
        const characters = ms((answer.length * 11_000) / 19_200);
        rig.clock.after("slave", ms(7 + characters), () => rig.wire.say(answer));
      };
      for (const quantity of [1, 60]) {
        rig.ask({ fc: 3, address: 0, quantity }, { unit: 1 });
        await rig.pass(200);
      }
      const { turnaround } = rig.line.statistics().units.get(1) ?? {};
      assert.equal(turnaround?.count, 2);
      assert.deepEqual([turnaround.p50, turnaround.max].map(Math.round), [7, 7]);
    }));

  it("opens a port anew on which nobody has answered for long", () =>
    withRig({}, async (rig) => {
      for (let time = 0; time < 100; time++) {
        rig.ask(READ, { unit: 1 + (time % 8) });
        await rig.pass(400);
      }
      assert.ok(rig.wire.openings >= 2, `${rig.wire.openings} openings`);
      assert.ok(rig.line.statistics().resets >= 1);
    }));

  it("resets a device server's connection on which no unit answers", () =>
    withRig({ overTcp: {} }, async (rig) => {
      rig.ask(READ, { unit: 1 });
      await rig.pass(400);
      assert.equal(rig.line.state.state, "up");
      rig.ask(READ, { unit: 1 });
      await rig.pass(400);
      assert.match(JSON.stringify(rig.log.at(-1)), /no unit answers/);
      await rig.pass(10_000);
      assert.equal(rig.wire.openings, 2);
      assert.equal(rig.wire.closings, 1);
    }));

  it("rejects a read from all units, and goes on", () =>
    withRig({}, async (rig) => {
      rig.wire.onFrame = (frame) => rig.wire.say(answerTo(frame));
      const wrong = rig.ask(READ, { unit: 0 });
      const right = rig.ask(READ);
      await rig.pass(50);
      assert.match(String(wrong.outcome), /cannot be broadcast/);
      assert.match(describeOutcome(right.outcome), /^registers/);
    }));

  it("traces every frame with its verdict", () =>
    withRig({}, async (rig) => {
      rig.ask(READ);
      await rig.pass(10);
      rig.wire.say(Buffer.concat([rtu([0x12, 3, 2, 0, 1]), answerTo(rig.wire.frames[0]?.bytes ?? Buffer.alloc(0))]));
      await rig.pass(1);
      assert.deepEqual(
        rig.trace.map(({ direction, verdict }) => `${direction} ${verdict ?? ""}`),
        ["sent ", "received not awaited", "received accepted"],
      );
    }));
});
