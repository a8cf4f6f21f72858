import assert from "node:assert/strict";
import { BusEnd } from "../../../../simulators/serial/bus-end.ts";
import { clockPacer } from "../../../../simulators/serial/pacer.ts";
import { Wire } from "../../../../simulators/serial/wire.ts";
import type { WireFormat } from "../../../../simulators/serial/wire-format.ts";
import { fromHex, toHex } from "../../../../src/kit/bytes.ts";
import { seededRandom } from "../../../../src/kit/random.ts";
import { ms, plus } from "../../../../src/kit/time.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";
import { FORMAT_19200_8E1, SerialRig } from "../../../support/serial/serial-rig.ts";

const READ_TEN = "01 03 00 00 00 0A";

/** To the microsecond. */
function assertAt(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 0.001, `${actual} ms instead of ${expected} ms`);
}

describe("a paced wire", () => {
  // Characters of 8 out and 25 back, as the specification counts them; above 19,200 baud t3.5 is 1.75 ms.
  const formats: readonly (readonly [WireFormat, bits: number, t35: number])[] = [
    [{ baudRate: 1200, parity: "even", stopBits: 1 }, 11, 32.083],
    [{ baudRate: 9600, parity: "even", stopBits: 1 }, 11, 4.01],
    [{ baudRate: 9600, parity: "none", stopBits: 1 }, 10, 4.01],
    [{ baudRate: 19_200, parity: "odd", stopBits: 1 }, 11, 2.005],
    [{ baudRate: 19_200, parity: "none", stopBits: 2 }, 11, 2.005],
    [{ baudRate: 38_400, parity: "none", stopBits: 1 }, 10, 1.75],
    [{ baudRate: 115_200, parity: "even", stopBits: 1 }, 11, 1.75],
    [{ baudRate: 921_600, parity: "none", stopBits: 1 }, 10, 1.75],
  ];
  for (const [format, bits, t35] of formats) {
    const name = `${format.baudRate} baud, ${format.parity}, ${format.stopBits} stop`;
    it(`takes as long as a real one: ten registers at ${name}`, async () => {
      const rig = new SerialRig({ format, turnaround: { least: ms(40), most: ms(40) } });
      const heard = await rig.ask(READ_TEN, 1000);
      assert.equal(heard.length, 1);
      assertAt(heard[0]?.at, ((8 + 25) * bits * 1000) / format.baudRate + 40);
      rig.close();
    });

    it(`has its slaves wait for t3.5, however fast they are, at ${name}`, async () => {
      const rig = new SerialRig({ format, turnaround: { least: ms(0), most: ms(0) } });
      const [answer] = await rig.ask(READ_TEN, 1000);
      assert.ok(answer && Math.abs(answer.at - (33 * bits * 1000) / format.baudRate - t35) < 0.002);
      rig.close();
    });
  }

  it("hands characters over in small pieces, each when its last character has ended", async () => {
    for (const [format, piece] of [
      [FORMAT_19200_8E1, 2],
      [{ baudRate: 115_200, parity: "even", stopBits: 1 }, 11],
    ] as const) {
      const rig = new SerialRig({ format });
      await rig.ask("01 03 00 0C 00 7D", 500);
      const character = 11_000 / format.baudRate;
      const lengths = rig.pieces.map(({ bytes }) => fromHex(bytes).length);
      assert.ok(lengths.slice(0, -1).every((length) => length === piece));
      assert.equal(
        lengths.reduce((sum, length) => sum + length),
        255,
      );
      let count = 0;
      rig.pieces.forEach(({ at }, index) =>
        assertAt(at, 8 * character + 5 + (count += lengths[index] ?? 0) * character),
      );
      rig.close();
    }
  });

  it("varies the turnaround within its bounds", async () => {
    const rig = new SerialRig({ turnaround: { least: ms(10), most: ms(30) } });
    const turnarounds: number[] = [];
    for (let turn = 0; turn < 40; turn++) {
      const asked = rig.clock.now();
      const [answer] = await rig.ask(READ_TEN);
      turnarounds.push((answer?.at ?? 0) - asked - (33 * 11) / 19.2);
    }
    assert.ok(Math.min(...turnarounds) >= 10 - 1e-6 && Math.max(...turnarounds) <= 30 + 1e-6);
    assert.ok(Math.max(...turnarounds) - Math.min(...turnarounds) > 10);
    rig.close();
  });

  it("leaves no timer when it is closed in the middle of everything", async () => {
    const rig = new SerialRig();
    rig.faults.add({ kind: "babble", every: ms(10) });
    rig.send(READ_TEN);
    await rig.pass(12);
    rig.close();
    assert.deepEqual(rig.clock.pending, []);
  });
});

describe("talkers on one wire", () => {
  const character = 11 / 19.2;
  let clock: VirtualClock;
  let wire: Wire;
  let ends: readonly BusEnd[];
  let heard: string[][];

  beforeEach(() => {
    clock = new VirtualClock();
    wire = new Wire({ format: FORMAT_19200_8E1, pacer: clockPacer(clock), random: seededRandom(1), handOver: ms(9) });
    ends = [new BusEnd(wire), new BusEnd(wire), new BusEnd(wire)];
    heard = ends.map(() => []);
    ends.forEach((end, index) => end.received.on(({ bytes }) => heard[index]?.push(toHex(bytes))));
  });
  afterEach(() => wire.close());

  const send = (end: number, hex: string, at: number) => {
    const talker = ends[end];
    if (talker) wire.send(talker, fromHex(hex), plus(clock.now(), ms(at * character)));
  };

  it("are heard by all others and not by themselves", async () => {
    send(0, "01 02 03", 0);
    await clock.advance(ms(10));
    assert.deepEqual(heard, [[], ["01 02 03"], ["01 02 03"]]);
  });

  it("garble those characters that overlap, for everybody", async () => {
    send(0, "00 00 00 00", 0);
    send(1, "00 00 00 00", 2.5);
    await clock.advance(ms(10));
    const [first = "", second = ""] = heard[2] ?? [];
    assert.match(first, /^00 00 (?!00)\w\w (?!00)\w\w$/);
    assert.match(second, /^(?!00)\w\w (?!00)\w\w 00 00$/);
  });

  it("hear nothing while they send themselves", async () => {
    send(0, "00 00 00 00", 0);
    send(1, "00 00 00 00", 2);
    await clock.advance(ms(10));
    assert.deepEqual([heard[0], heard[1]], [["00 00"], ["00 00"]]);
  });

  it("do not disturb each other back to back", async () => {
    send(0, "0A 0B", 0);
    send(1, "0C 0D", 2);
    await clock.advance(ms(10));
    assert.deepEqual(heard[2], ["0A 0B", "0C 0D"]);
  });

  it("send one thing after the other, as from a buffer", async () => {
    send(0, "0A 0B", 0);
    send(0, "0C 0D", 0);
    await clock.advance(ms(3.9 * character));
    assert.deepEqual(heard[1], ["0A 0B"]);
    await clock.advance(ms(0.2 * character));
    assert.deepEqual(heard[1], ["0A 0B", "0C 0D"]);
  });

  it("are silenced in the middle of a word", async () => {
    send(0, "0A 0B 0C", 0);
    await clock.advance(ms(character));
    if (ends[0]) wire.silence(ends[0]);
    await clock.advance(ms(10));
    assert.deepEqual(heard[1], []);
  });
});

describe("a master's end", () => {
  let rig: SerialRig;
  beforeEach(() => {
    rig = new SerialRig();
  });
  afterEach(() => rig.close());

  it("is content with a master that keeps t3.5", async () => {
    for (let turn = 0; turn < 20; turn++) {
      rig.send(READ_TEN);
      await rig.pass(rig.heard.length === 0 ? 200 : (33 * 11) / 19.2 + 5 + 2.006);
    }
    assert.deepEqual(rig.end.counts, { requests: 20, violations: 0 });
  });

  it("records a request begun too early, and how much too early", async () => {
    rig.send(READ_TEN);
    await rig.pass((33 * 11) / 19.2 + 5 + 1);
    rig.send(READ_TEN);
    await rig.pass(100);
    assert.deepEqual(rig.end.counts, { requests: 2, violations: 1 });
    const [violation, ...others] = rig.end.takeViolations();
    assert.equal(others.length, 0);
    assertAt(violation?.silence, 1);
    assert.deepEqual(rig.end.takeViolations(), []);
  });

  it("records a request into somebody's answer as a negative silence, and both are lost", async () => {
    rig.send(READ_TEN);
    await rig.pass((8 * 11) / 19.2 + 5 + 3);
    rig.send("02 03 00 00 00 01");
    const heard = await rig.pass(200);
    assertAt(rig.end.takeViolations()[0]?.silence, 3 - (25 * 11) / 19.2);
    assert.ok(heard.every(({ bytes }) => !bytes.startsWith("02")));
  });

  it("takes a request in two pieces for one, when the silence between them is short", async () => {
    rig.end.write(fromHex("01 03 00 00"));
    await rig.pass((4 * 11) / 19.2 + 0.5);
    rig.end.write(fromHex("00 01 84 0A"));
    assert.equal((await rig.pass(100))[0]?.bytes, "01 03 02 00 00 B8 44");
    assert.deepEqual(rig.end.counts, { requests: 1, violations: 0 });
  });
});

describe("slaves that frame by silence", () => {
  let rig: SerialRig;
  beforeEach(() => {
    rig = new SerialRig();
  });
  afterEach(() => rig.close());

  /** The request of one register of unit 1 in two parts. */
  const inParts = async (gap: number): Promise<number> => {
    rig.end.write(fromHex("01 03 00 00"));
    await rig.pass((4 * 11) / 19.2 + gap);
    rig.end.write(fromHex("00 01 84 0A"));
    return (await rig.pass(100)).length;
  };

  it("take a pause of t1.5 and no longer one", async () => {
    assert.equal(await inParts(0.85), 1);
    assert.equal(await inParts(0.87), 0);
    assert.equal(await inParts(3), 0);
    assert.equal((await rig.ask("01 03 00 00 00 01")).length, 1, "and are well again after a silence");
  });

  it("hear neither a wrong check sum, nor another unit, nor a frame too long", async () => {
    rig.end.write(fromHex("01 03 00 00 00 01 84 0B"));
    assert.equal((await rig.pass(100)).length, 0);
    assert.equal((await rig.ask("09 03 00 00 00 01")).length, 0);
    rig.end.write(Buffer.alloc(300));
    assert.equal((await rig.pass(300)).length, 0);
    assert.deepEqual(rig.bus.counts, { frames: 1, damaged: 2 });
  });

  it("answer exceptions as frames", async () => {
    assert.equal((await rig.ask("01 03 10 00 00 01"))[0]?.bytes, "01 83 02 C0 F1");
  });

  it("carry a broadcast out, all of them, and answer nothing", async () => {
    assert.equal((await rig.ask("00 06 00 03 12 34")).length, 0);
    assert.deepEqual([rig.register(1, 3), rig.register(2, 3)], [0x1234, 0x1234]);
  });
});
