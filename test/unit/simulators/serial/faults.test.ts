import assert from "node:assert/strict";
import fc from "fast-check";
import { checkSum } from "../../../../simulators/serial/check-sum.ts";
import { MEDIA, type TransactionFault } from "../../../../simulators/faults/fault.ts";
import { fromHex } from "../../../../src/kit/bytes.ts";
import { ms } from "../../../../src/kit/time.ts";
import { type HeardLine, SerialRig } from "../../../support/serial/serial-rig.ts";

const READ_TWO = "01 03 00 00 00 02";
const CLEAN = "01 03 04 00 00 00 00 FA 33";
const WRITE = "01 06 00 03 12 34";
const ECHO = "01 06 00 03 12 34 74 BD";

/** Milliseconds from the request's first character to the answer's last. */
const USUAL = ((8 + 9) * 11) / 19.2 + 5;

function isWhole(hex: string): boolean {
  return checkSum(fromHex(hex)) === 0;
}

describe("a fault on the serial wire", () => {
  let rig: SerialRig;
  beforeEach(() => {
    rig = new SerialRig();
  });
  afterEach(() => {
    rig.close();
    assert.deepEqual(rig.clock.pending, []);
  });

  const spoilt = (fault: TransactionFault, request = READ_TWO) => rig.spoilt(fault, request);
  const assertWell = async () => assert.equal((await rig.ask(READ_TWO))[0]?.bytes, CLEAN);

  it("lost: nothing is executed and nothing answered", async () => {
    assert.equal(await spoilt({ kind: "lost" }, WRITE), "");
    assert.equal(rig.register(1, 3), 0);
    await assertWell();
  });

  it("answerLost: executed, and not answered", async () => {
    assert.equal(await spoilt({ kind: "answerLost" }, WRITE), "");
    assert.equal(rig.register(1, 3), 0x1234);
    await assertWell();
  });

  it("exception: refused with that code and not executed, as many times as was said", async () => {
    rig.faults.add({ kind: "exception", code: 6, times: 2 });
    assert.equal((await rig.ask(WRITE))[0]?.bytes, "01 86 06 C2 62");
    assert.equal((await rig.ask(READ_TWO))[0]?.bytes, "01 83 06 C1 32");
    assert.equal(rig.register(1, 3), 0);
    await assertWell();
    assert.deepEqual(rig.faults.list, []);
  });

  it("late: the answer comes so much later, into the next request if need be", async () => {
    rig.faults.add({ kind: "late", by: ms(300), times: 1 });
    const [late] = await rig.ask(READ_TWO, 500);
    assert.equal(late?.bytes, CLEAN);
    assert.ok(Math.abs(late.at - USUAL - 300) < 0.001);
    rig.faults.add({ kind: "late", by: ms(120), times: 1 });
    assert.equal((await rig.ask(READ_TWO, 100)).length, 0);
    const both = await rig.ask("02 03 00 00 00 01", 200);
    assert.ok(
      both.some(({ bytes }) => bytes.startsWith("01 03")),
      "the late answer of 1 comes while 2 is asked",
    );
  });

  it("split: two parts with a gap", async () => {
    rig.faults.add({ kind: "split", gap: ms(7), times: 1 });
    const [first, second, ...rest] = await rig.ask(READ_TWO);
    assert.ok(first && second && rest.length === 0);
    assert.equal(`${first.bytes} ${second.bytes}`, CLEAN);
    assert.ok(Math.abs(second.at - USUAL - 7) < 0.001);
    const between = second.at - first.at - (fromHex(second.bytes).length * 11) / 19.2;
    assert.ok(Math.abs(between - 7) < 0.001);
  });

  it("dribble: one byte at a time", async () => {
    rig.faults.add({ kind: "dribble", gap: ms(3), times: 1 });
    const heard = await rig.ask(READ_TWO);
    assert.deepEqual(
      heard.map(({ bytes }) => bytes),
      CLEAN.split(" "),
    );
    heard.slice(1).forEach(({ at }, index) => {
      assert.ok(Math.abs(at - (heard[index]?.at ?? 0) - 3 - 11 / 19.2) < 0.001);
    });
  });

  it("merged: held back, and in one piece with the next answer", async () => {
    assert.equal(await spoilt({ kind: "merged" }), "");
    const heard = await rig.ask("01 06 00 00 00 07");
    assert.deepEqual(
      heard.map(({ bytes }) => bytes),
      [`${CLEAN} 01 06 00 00 00 07 C8 08`],
    );
    await rig.ask("01 06 00 00 00 00");
    await assertWell();
  });

  it("repeated: twice, without a pause", async () => {
    assert.equal(await spoilt({ kind: "repeated" }), `${CLEAN} ${CLEAN}`);
  });

  it("garbled: one to three bits are turned, and the check sum always tells", async () => {
    for (let turn = 0; turn < 200; turn++) {
      const bytes = fromHex(await spoilt({ kind: "garbled" }));
      const turned = bytes.map((byte, index) => byte ^ (fromHex(CLEAN)[index] ?? 0));
      const bits = [...turned].map((byte) => byte.toString(2).replaceAll("0", "").length).reduce((a, b) => a + b);
      assert.ok(bytes.length === 9 && bits >= 1 && bits <= 3);
      assert.notEqual(checkSum(bytes), 0);
    }
  });

  it("badCrc: all but the check sum is right", async () => {
    const answer = await spoilt({ kind: "badCrc" });
    assert.equal(answer.slice(0, -3), CLEAN.slice(0, -3));
    assert.ok(!isWhole(answer));
  });

  it("noise: characters before or after the frame, without a pause", async () => {
    const lengths = new Set<number>();
    for (let turn = 0; turn < 50; turn++) {
      const before = await spoilt({ kind: "noise", where: "before" });
      const after = await spoilt({ kind: "noise", where: "after" });
      assert.ok(before.endsWith(` ${CLEAN}`) && after.startsWith(`${CLEAN} `));
      lengths.add(fromHex(before).length - 9);
    }
    assert.deepEqual([...lengths].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("wrongUnit: a whole frame of a unit that is not there, or of the one that was named", async () => {
    const answer = await spoilt({ kind: "wrongUnit" });
    assert.ok(isWhole(answer) && answer.startsWith("03 03 04"));
    assert.ok((await spoilt({ kind: "wrongUnit", as: 17 })).startsWith("11 03 04"));
  });

  it("wrongFunction: a whole frame of another function, of an exception too", async () => {
    const answer = await spoilt({ kind: "wrongFunction" });
    assert.ok(isWhole(answer) && answer.startsWith("01 04 04"));
    assert.ok((await spoilt({ kind: "wrongFunction" }, "01 03 10 00 00 01")).startsWith("01 84 02"));
  });

  it("wrongEcho: another address or value, and what was asked for has been done", async () => {
    const address = await spoilt({ kind: "wrongEcho", part: "address" }, WRITE);
    assert.ok(isWhole(address) && address.startsWith("01 06 00 02 12 34"));
    const value = await spoilt({ kind: "wrongEcho", part: "value" }, WRITE);
    assert.ok(isWhole(value) && value.startsWith("01 06 00 03 12 35"));
    assert.ok(
      (await spoilt({ kind: "wrongEcho", part: "value" }, "01 05 00 01 FF 00")).startsWith("01 05 00 01 00 00"),
    );
    assert.equal(await spoilt({ kind: "wrongEcho", part: "value" }), CLEAN, "reads have none");
    assert.equal(rig.register(1, 3), 0x1234);
  });

  it("wrongByteCount: shorter, longer, or a count that lies, in a whole frame", async () => {
    const seen = new Set<string>();
    for (let turn = 0; turn < 40; turn++) {
      const answer = await spoilt({ kind: "wrongByteCount" });
      assert.ok(isWhole(answer) && answer !== CLEAN);
      seen.add(answer.slice(6, 8) + `/${fromHex(answer).length - 5}`);
    }
    assert.deepEqual([...seen].sort(), ["02/2", "03/4", "06/6"]);
    assert.equal(await spoilt({ kind: "wrongByteCount" }, WRITE), ECHO, "writes have none");
  });

  it("duplicate: two answers, of two values, whole or into each other", async () => {
    let [whole, collided, foreign] = [0, 0, 0];
    for (let turn = 0; turn < 60; turn++) {
      rig.faults.add({ kind: "duplicate", times: 1 });
      const heard = await rig.ask(READ_TWO);
      assert.ok(heard.length >= 2);
      for (const { bytes } of heard) {
        if (isWhole(bytes)) whole++;
        else collided++;
      }
      if (isWhole(heard[0]?.bytes ?? "") && heard[0]?.bytes !== CLEAN) foreign++;
    }
    assert.ok(whole > 10 && collided > 10, `${whole} whole, ${collided} collided, ${foreign} foreign`);
  });

  it("wrongBaudRate: garbage of another length", async () => {
    const answers: string[] = [];
    for (let turn = 0; turn < 30; turn++) answers.push(await spoilt({ kind: "wrongBaudRate" }));
    assert.ok(answers.every((answer) => !isWhole(answer)));
    assert.ok(new Set(answers.map((answer) => answer.length)).size > 4);
  });

  it("babble: characters nobody asked for, until it is healed", async () => {
    rig.faults.add({ kind: "babble", every: ms(100) });
    const heard = await rig.pass(10_000);
    assert.ok(heard.length > 80 && heard.length < 125, `${heard.length} in 10 s`);
    rig.faults.heal({ kind: "babble" });
    await rig.pass(30);
    assert.equal((await rig.pass(2000)).length, 0);
  });

  it("secondMaster: requests and answers that are not ours", async () => {
    rig.faults.add({ kind: "secondMaster", every: ms(200) });
    const heard = await rig.pass(2000);
    const requests = heard.filter(({ bytes }) => /^0[12] 03 00 00 00/.test(bytes) && fromHex(bytes).length === 8);
    assert.ok(requests.length >= 6 && heard.length === requests.length * 2);
    assert.ok(heard.every(({ bytes }) => isWhole(bytes)));
  });

  it("secondMaster: or who they are", async () => {
    rig.faults.add({ kind: "secondMaster", every: ms(200), asks: "identity" });
    const heard = await rig.pass(2000);
    assert.ok(heard.length > 10 && heard.every(({ bytes }) => /^0[12] (11|91) /.test(bytes)));
  });

  it("echo: the master hears itself first", async () => {
    rig.faults.add({ kind: "echo" });
    const heard = await rig.ask(READ_TWO);
    assert.deepEqual(
      heard.map(({ bytes }) => bytes),
      [`${READ_TWO} C4 0B`, CLEAN],
    );
    assert.ok(Math.abs((heard[0]?.at ?? 0) - (8 * 11) / 19.2) < 0.001);
    rig.faults.heal();
    await assertWell();
  });

  it("brownOut: all are silent, then refuse for a while, then are well", async () => {
    rig.send(READ_TWO);
    await rig.pass((8 * 11) / 19.2 + 5 + 2);
    rig.faults.add({ kind: "brownOut", off: ms(1000), boot: ms(500), code: 4 });
    assert.equal((await rig.pass(100)).length, 0, "the answer under way breaks off");
    assert.equal((await rig.ask(READ_TWO)).length, 0);
    assert.equal((await rig.ask("02 03 00 00 00 02")).length, 0);
    await rig.pass(600);
    assert.equal((await rig.ask(READ_TWO))[0]?.bytes, "01 83 04 40 F3");
    await rig.pass(400);
    await assertWell();
    assert.deepEqual(rig.faults.list, []);
  });

  it("hits only the unit it was meant for, and only its share of the transactions", async () => {
    rig.faults.add({ kind: "lost", unit: 2, rate: 0.3 });
    let lost = 0;
    for (let turn = 0; turn < 200; turn++) {
      await assertWell();
      if ((await rig.ask("02 03 00 00 00 02")).length === 0) lost++;
    }
    assert.ok(lost > 40 && lost < 80, `${lost} of 200`);
    rig.faults.heal({ unit: 2 });
    assert.deepEqual(rig.faults.list, []);
  });

  it("can be there together with another one", async () => {
    rig.faults.add({ kind: "wrongUnit", as: 9, times: 1 });
    rig.faults.add({ kind: "late", by: ms(50), times: 1 });
    const [answer] = await rig.ask(READ_TWO);
    assert.ok(answer?.bytes.startsWith("09 03") === true && Math.abs(answer.at - USUAL - 50) < 0.001);
  });

  it("is refused where it cannot be, or never is", () => {
    assert.throws(() => rig.faults.add({ kind: "reset" }), /reset cannot be on a serial line/);
    assert.throws(() => rig.faults.add({ kind: "lost", rate: 0 }), RangeError);
    assert.throws(() => rig.faults.add({ kind: "lost", times: 0 }), RangeError);
  });

  it("any: every kind of a transaction sooner or later", async () => {
    rig.faults.add({ kind: "any" });
    const kinds = new Set<string>();
    for (let turn = 0; turn < 500; turn++) for (const { kind } of rig.faults.draw(1)) kinds.add(kind);
    const standing = ["babble", "secondMaster", "echo", "brownOut", "any"];
    const undetectable = ["duplicate", "merged"];
    const expected = Object.entries(MEDIA).flatMap(([kind, media]) =>
      media.includes("serial") && ![...standing, ...undetectable].includes(kind) ? [kind] : [],
    );
    assert.deepEqual([...kinds].sort(), expected.sort());
  });
});

describe("a seeded wire", () => {
  /** What a master hears that asks both units in turn among all kinds of trouble. */
  async function live(seed: number): Promise<readonly HeardLine[]> {
    const rig = new SerialRig({ seed, turnaround: { least: ms(3), most: ms(20) } });
    rig.faults.add({ kind: "any", rate: 0.5 });
    rig.faults.add({ kind: "duplicate", rate: 0.1 });
    rig.faults.add({ kind: "babble", every: ms(300) });
    for (let turn = 0; turn < 30; turn++) await rig.ask(turn % 2 === 0 ? READ_TWO : "02 06 00 03 12 34", 60);
    await rig.pass(3000);
    rig.close();
    assert.deepEqual(rig.clock.pending, []);
    return rig.heard;
  }

  it("gives the same bytes at the same instants for the same seed, and others for another", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const heard = await live(seed);
        assert.ok(heard.length > 10);
        assert.deepEqual(await live(seed), heard);
        assert.notDeepEqual(await live(seed + 1), heard);
      }),
      { numRuns: 10 },
    );
  });
});
