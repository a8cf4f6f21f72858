import assert from "node:assert/strict";
import type { CommandResult } from "../../../src/command/command.ts";
import { ms, plus } from "../../../src/kit/time.ts";
import { permitNothing } from "../../../src/scan/outputs/permit.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { type DeviceSketch, level, plantLike, pulse, READBACK, time } from "../../support/plants/scan-plant.ts";

const BELT: DeviceSketch = {
  tags: {
    run: { table: "coil", type: "bool", scanClass: "fast", write: level({ onReturn: "hold" }) },
    speed: { address: 0, scanClass: "fast", scale: 0.1, write: level({ range: { min: 0, max: 2 } }) },
    jog: { table: "coil", address: 1, type: "bool", scanClass: "onDemand", write: pulse() },
    move: {
      address: 5,
      scanClass: "onDemand",
      write: pulse({ verify: { by: "expect", tag: "moving", equals: true, within: time("500ms") } }),
    },
    moving: { table: "discrete", type: "bool", scanClass: "fast" },
    echoed: { address: 6, scanClass: "fast", write: level({ verify: { by: "echo" } }) },
    load: { table: "input", scanClass: "fast" },
    eye: { address: 50, scanClass: "fast" },
  },
};

async function benchOf(
  device: DeviceSketch = BELT,
  options: ConstructorParameters<typeof ScanBench>[1] = {},
): Promise<ScanBench> {
  const bench = new ScanBench(plantLike({ belt: device }), options);
  await bench.run("200ms");
  return bench;
}

function assertOutcome({ outcome, reason }: CommandResult, expected: string, why?: RegExp): void {
  assert.equal(outcome, expected, reason);
  if (why) assert.match(reason ?? "", why);
}

describe("a command", () => {
  it("is verified when its value reads back", async () => {
    const bench = await benchOf();
    const result = await bench.outcome(bench.set("belt", { speed: 0.5 }));
    assertOutcome(result, "verified");
    assert.deepEqual(result.results, {
      speed: { outcome: "verified", reason: undefined, sent: 0.5, readback: 0.5 },
    });
    assert.equal(bench.unit().get("holding", 0), 5);
    assert.ok(result.took > 0 && result.took <= 60, `took ${result.took}`);
  });

  it("is acknowledged where its profile asks for the echo only", async () => {
    const bench = await benchOf();
    assertOutcome(await bench.outcome(bench.set("belt", { jog: true })), "acknowledged");
  });

  it("is verified when the tag its profile names shows the effect", async () => {
    const bench = await benchOf();
    const id = bench.set("belt", { move: 3 });
    await bench.run("100ms");
    assert.equal(bench.results.length, 0);
    bench.unit().set("discrete", 0, 1);
    assertOutcome(await bench.outcome(id), "verified");
  });

  it("has failed when the tag its profile names does not show the effect in time", async () => {
    const bench = await benchOf();
    const result = await bench.outcome(bench.set("belt", { move: 3 }));
    assertOutcome(result, "failed", /moving is false, not true/);
    assert.equal(bench.line().writes().length, 1);
  });

  it("is refused by an exception of the slave", async () => {
    const bench = await benchOf();
    bench.unit().writeException = 3;
    assertOutcome(await bench.outcome(bench.set("belt", { speed: 1 })), "refused", /03 illegal data value/);
    assert.equal(bench.line().writes().length, 1);
  });

  it("is tried again while the slave is busy, then has failed", async () => {
    const bench = await benchOf();
    bench.unit().writeException = 6;
    assertOutcome(await bench.outcome(bench.set("belt", { jog: true })), "failed", /06 server device busy, 5 times/);
    assert.equal(bench.line().writes().length, 5);
  });

  it("is carried out by the slave that was busy for a moment", async () => {
    const bench = await benchOf();
    bench.unit().writeException = 6;
    const id = bench.set("belt", { jog: true });
    await bench.run("60ms");
    bench.unit().writeException = undefined;
    assertOutcome(await bench.outcome(id), "acknowledged");
    assert.equal(bench.unit().get("coil", 1), 1);
  });

  it("expires when it cannot be sent in time, and is never sent later", async () => {
    const bench = await benchOf();
    bench.line().down();
    const id = bench.set("belt", { speed: 1, run: true }, { ttl: time("200ms") });
    const result = await bench.outcome(id);
    assertOutcome(result, "expired", /line down/);
    assert.equal(result.results["run"]?.outcome, "rejected");
    bench.line().open();
    await bench.run("10s");
    assert.deepEqual(bench.line().writes(), []);
  });

  it("waits out a short break of the line within its time to live", async () => {
    const bench = await benchOf();
    bench.line().down();
    const id = bench.set("belt", { speed: 1 });
    await bench.run("500ms");
    bench.line().open();
    assertOutcome(await bench.outcome(id), "verified");
  });

  it("is not sent when its device went offline while it waited", async () => {
    const bench = await benchOf();
    bench.line().down();
    const id = bench.set("belt", { run: true }, { ttl: time("10min") });
    assertOutcome(await bench.outcome(id), "rejected", /its device is offline/);
    bench.line().open();
    await bench.run("10s");
    assert.deepEqual(bench.line().writes(), []);
  });

  it("does not reach a device that is taken out of service in the same cycle", async () => {
    const bench = await benchOf();
    const id = bench.set("belt", { run: true });
    bench.engine.setService("belt", false);
    assertOutcome(await bench.outcome(id), "rejected", /out of service/);
    assert.deepEqual(bench.line().writes(), []);
  });

  it("that was begun does not reach a device taken out of service later in its cycle", async () => {
    const bench = await benchOf();
    bench.engine.onControl(() => bench.engine.setService("belt", false));
    assertOutcome(await bench.outcome(bench.set("belt", { run: true })), "rejected", /out of service/);
    assert.deepEqual(bench.line().writes(), []);
  });

  it("expires in the queue of a line that is taken by another unit, and is not sent when the line is free", async () => {
    const slow = { ...BELT, unit: 2, timing: { responseTimeout: ms(1000) } };
    const bench = new ScanBench(plantLike({ belt: BELT, arm: slow }), { window: 1 });
    await bench.run("200ms");
    bench.unit(2).latency = ms(900);
    await bench.run("100ms");
    const id = bench.set("belt", { run: true }, { ttl: time("100ms") });
    assertOutcome(await bench.outcome(id), "expired", /too late/);
    bench.unit(2).latency = ms(2);
    await bench.run("5s");
    assert.deepEqual(bench.line().writes(), []);
  });

  it("is not verified by what was read before it arrived", async () => {
    const tags = {
      ...BELT.tags,
      moving: { table: "discrete", type: "bool", scanClass: "fast", maxAge: ms(1000) },
    } as const;
    const bench = await benchOf({ tags });
    bench.unit().set("discrete", 0, 1);
    await bench.run("100ms");
    bench.unit().latency = ms(30);
    const id = bench.set("belt", { move: 3 });
    await bench.run("25ms");
    bench.unit().set("discrete", 0, 0);
    assertOutcome(await bench.outcome(id), "failed", /moving is false/);
  });

  it("writes a pulse whose answer was lost once, and its outcome is unknown", async () => {
    const bench = await benchOf();
    bench.unit().writes = "answerLost";
    assertOutcome(await bench.outcome(bench.set("belt", { jog: true })), "unknown", /no answer within 100 ms/);
    await bench.run("20s");
    assert.equal(bench.line().writes().length, 1);
  });

  it("writes a level again until it reads back", async () => {
    const bench = await benchOf();
    bench.unit().writes = "echoOnly";
    const id = bench.set("belt", { speed: 1 });
    await bench.run("300ms");
    bench.unit().writes = "executed";
    assertOutcome(await bench.outcome(id), "verified");
    assert.ok(bench.line().writes().length >= 3);
  });

  it("writes a level again whose answer was lost", async () => {
    const bench = await benchOf();
    bench.unit().writes = "answerLost";
    const id = bench.set("belt", { speed: 1 });
    await bench.run("150ms");
    bench.unit().writes = "executed";
    assertOutcome(await bench.outcome(id), "verified");
  });

  it("has failed when a level never reads back, and is then not kept", async () => {
    const bench = await benchOf();
    bench.unit().writes = "echoOnly";
    assertOutcome(await bench.outcome(bench.set("belt", { speed: 1 })), "failed", /reads back 0/);
    const before = bench.line().writes().length;
    await bench.run("5s");
    assert.equal(bench.line().writes().length, before);
  });

  it("is verified by an effect that comes late", async () => {
    const bench = await benchOf();
    bench.unit().writes = { delayed: time("300ms") };
    assertOutcome(await bench.outcome(bench.set("belt", { speed: 1 })), "verified");
  });

  for (const [what, set, why] of [
    ["a value outside its range", { speed: 2.5 }, /speed: 2.5 is outside 0 to 2/],
    ["a value of the wrong type", { run: 1 }, /run: takes true or false/],
    ["a tag that does not exist", { sped: 1 }, /sped: unknown tag of belt/],
    ["a tag that nobody may write", { eye: 1 }, /eye: not writable/],
    ["no tag at all", {}, /nothing to set/],
    ["one bad value among good ones", { run: true, speed: 3 }, /speed: 3 is outside/],
  ] as const) {
    it(`is rejected for ${what}, and nothing is sent`, async () => {
      const bench = await benchOf();
      assertOutcome(await bench.outcome(bench.set("belt", set)), "rejected", why);
      assert.deepEqual(bench.line().writes(), []);
    });
  }

  it("is rejected for a device that does not exist, is offline, or has not answered yet", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    bench.unit().silent = true;
    assertOutcome(await bench.outcome(bench.set("belt", { run: true })), "rejected", /connecting/);
    await bench.run("3s");
    assertOutcome(await bench.outcome(bench.set("belt", { run: true })), "rejected", /offline/);
    assertOutcome(await bench.outcome(bench.set("belt2", { run: true })), "rejected", /unknown device "belt2"/);
    assert.deepEqual(bench.line().writes(), []);
  });

  it("delivered twice is carried out once, also after ten thousand that were rejected", async () => {
    const bench = await benchOf();
    assertOutcome(await bench.outcome(bench.set("belt", { jog: true }, { id: "once" })), "acknowledged");
    for (let other = 0; other < 10_200; other++) bench.set("belt", { unknown: 1 }, { id: `junk ${other}` });
    bench.results.length = 0;
    bench.set("belt", { jog: true }, { id: "once" });
    assertOutcome(await bench.outcome("once"), "acknowledged");
    assert.equal(bench.line().writes().length, 1);
  });

  it("with the id of another one that has ended is rejected", async () => {
    const bench = await benchOf();
    assertOutcome(await bench.outcome(bench.set("belt", { speed: 1 }, { id: "used" })), "verified");
    bench.results.length = 0;
    bench.set("belt", { speed: 2 }, { id: "used" });
    assertOutcome(await bench.outcome("used"), "rejected", /already used with other content/);
    bench.results.length = 0;
    bench.set("belt", { speed: 1 }, { id: "used" });
    assertOutcome(await bench.outcome("used"), "verified");
  });

  it("with the id of another one that is under way is rejected, and takes nothing from that one", async () => {
    const bench = await benchOf();
    bench.unit().latency = ms(60);
    bench.set("belt", { speed: 1 }, { id: "used" });
    await bench.run("20ms");
    bench.set("belt", { speed: 2 }, { id: "used" });
    assertOutcome(await bench.outcome("used"), "rejected", /already used with other content/);
    bench.results.length = 0;
    assertOutcome(await bench.outcome("used"), "verified");
    assert.equal(bench.unit().get("holding", 0), 10);
  });

  it("that sets a tag twice is rejected", async () => {
    const bench = await benchOf();
    const set = [
      ["jog", true],
      ["jog", true],
    ] as const;
    assertOutcome(await bench.outcome(bench.set("belt", {}, { set })), "rejected", /jog: set twice/);
  });

  it("is rejected as busy when its device has too many writes to do, or its last pulse is under way", async () => {
    const tags = Object.fromEntries(
      Array.from({ length: 40 }, (_, address) => [
        `p${address}`,
        { table: "coil", address, type: "bool", scanClass: "fast", write: pulse() } as const,
      ]),
    );
    const bench = await benchOf({ tags, timing: { responseTimeout: ms(5000) } });
    bench.unit().latency = ms(100);
    const ids = Object.keys(tags).map((tag) => bench.set("belt", { [tag]: true }, { ttl: time("1min") }));
    await bench.run("20ms");
    const again = bench.set("belt", { p0: true });
    assertOutcome(await bench.outcome(again), "rejected", /busy/);
    const results: CommandResult[] = [];
    for (const id of ids) results.push(await bench.outcome(id));
    assert.equal(results.filter(({ outcome }) => outcome === "acknowledged").length, 32);
    assert.equal(
      results.filter(({ outcome, reason }) => outcome === "rejected" && reason?.includes("busy") === true).length,
      8,
    );
  });

  it("writes in the order given, each after the outcome of the one before", async () => {
    const bench = await benchOf();
    const result = await bench.outcome(bench.set("belt", { speed: 1, run: true, jog: true }));
    assertOutcome(result, "acknowledged");
    assert.deepEqual(
      bench
        .line()
        .writes()
        .map(({ request }) => request.fc),
      [6, 5, 5],
    );
    assert.deepEqual(
      Object.entries(result.results).map(([tag, { outcome }]) => [tag, outcome]),
      [
        ["speed", "verified"],
        ["run", "verified"],
        ["jog", "acknowledged"],
      ],
    );
  });

  it("stops after the first write that does not succeed", async () => {
    const bench = await benchOf();
    bench.unit().holes = [{ table: "coil", from: 0, to: 0, code: 4 }];
    const result = await bench.outcome(bench.set("belt", { speed: 1, run: true, jog: true }));
    assertOutcome(result, "unknown");
    assert.deepEqual(result.results["jog"], {
      outcome: "rejected",
      reason: "not sent: run was not written as wanted",
      sent: undefined,
      readback: undefined,
    });
    assert.equal(bench.unit().get("coil", 1), 0);
  });

  it("with an id that was seen is answered with the first outcome and done once", async () => {
    const bench = await benchOf();
    bench.set("belt", { jog: true }, { id: "a" });
    bench.set("belt", { jog: true }, { id: "a" });
    await bench.run("100ms");
    bench.set("belt", { jog: true }, { id: "a" });
    assert.deepEqual(
      bench.results.map(({ id, outcome }) => `${id} ${outcome}`),
      ["a acknowledged", "a acknowledged"],
    );
    assert.equal(bench.line().writes().length, 1);
  });

  it("with the id of another device's command is a command of its own", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT, arm: { ...BELT, unit: 2 } }));
    await bench.run("200ms");
    bench.set("belt", { run: true }, { id: "1" });
    bench.set("arm", { run: true }, { id: "1" });
    await bench.run("100ms");
    assert.deepEqual(bench.results.map(({ device, outcome }) => `${device} ${outcome}`).sort(), [
      "arm verified",
      "belt verified",
    ]);
  });

  it("gives way to a newer one for the same level", async () => {
    const bench = await benchOf();
    bench.unit().writeException = 6;
    const first = bench.set("belt", { speed: 1 });
    await bench.run("30ms");
    const second = bench.set("belt", { speed: 2 });
    bench.unit().writeException = undefined;
    assertOutcome(await bench.outcome(second), "verified");
    assertOutcome(await bench.outcome(first), "failed", /newer value/);
    await bench.run("2s");
    assert.equal(bench.unit().get("holding", 0), 20);
  });

  it("under way keeps its own outcome when a newer one follows", async () => {
    const bench = await benchOf();
    bench.unit().latency = ms(50);
    const first = bench.set("belt", { speed: 1 });
    await bench.run("30ms");
    const second = bench.set("belt", { speed: 2 });
    assertOutcome(await bench.outcome(first), "verified");
    assertOutcome(await bench.outcome(second), "verified");
    assert.equal(bench.line().writes().length, 2);
  });
});

describe("a write of bits, whose register is read first,", () => {
  const BITS: DeviceSketch = {
    tags: { mode: { bits: [0, 1] as const, scanClass: "onDemand", write: pulse() } },
    timing: { responseTimeout: ms(500) },
    functions: [3, 6],
  };

  it("is not sent when its time to live ran out meanwhile", async () => {
    const bench = await benchOf(BITS);
    bench.unit().latency = ms(100);
    assertOutcome(await bench.outcome(bench.set("belt", { mode: 1 }, { ttl: time("80ms") })), "expired");
    await bench.run("2s");
    assert.deepEqual(bench.line().writes(), []);
  });

  it("is not sent when it was withdrawn meanwhile", async () => {
    const bench = await benchOf(BITS);
    bench.unit().latency = ms(100);
    const id = bench.set("belt", { mode: 1 });
    await bench.run("50ms");
    bench.engine.outputs.hold();
    assertOutcome(await bench.outcome(id), "rejected", /stopping/);
    assert.deepEqual(bench.line().writes(), []);
  });
});

describe("a master that only watches", () => {
  it("rejects every command and writes nothing, at no time", async () => {
    const device = { ...BELT, heartbeat: { tag: "echoed", every: time("500ms"), timeout: time("2s"), covers: [] } };
    const bench = await benchOf(device, { permit: permitNothing });
    for (const set of [{ run: true }, { speed: 1 }, { jog: true }]) {
      assertOutcome(await bench.outcome(bench.set("belt", set)), "rejected", /read-only/);
    }
    bench.unit().silent = true;
    await bench.run("5s");
    bench.unit().silent = false;
    await bench.run("10s");
    const unconfirmed = bench.engine.outputs.enterSafeState(bench.now);
    await bench.run("5s");
    assert.deepEqual(unconfirmed(), []);
    assert.deepEqual(bench.line().writes(), []);
  });
});

describe("a level", () => {
  const levels = (onReturn: "safe" | "hold" | "reassert"): DeviceSketch => ({
    tags: {
      speed: { address: 0, scanClass: "fast", write: level({ onReturn, safe: { value: 1 }, verify: READBACK }) },
      free: { address: 1, scanClass: "fast", write: level({ onReturn }) },
    },
  });

  it("is not written until somebody asks, whatever the slave holds and however late it comes", async () => {
    const bench = new ScanBench(plantLike({ belt: levels("safe") }));
    bench.unit().silent = true;
    bench.unit().set("holding", 0, 77);
    await bench.run("10s");
    bench.unit().silent = false;
    await bench.run("10s");
    assert.equal(bench.show("belt/speed"), "77 good ok");
    assert.deepEqual(bench.line().writes(), []);
  });

  it("is kept true when the slave's value is changed behind our back, and said so once", async () => {
    const bench = await benchOf(levels("hold"));
    await bench.outcome(bench.set("belt", { speed: 5 }));
    bench.unit().set("holding", 0, 99);
    await bench.run("200ms");
    assert.equal(bench.unit().get("holding", 0), 5);
    const told = bench.logs.filter(({ event }) => event === "level.disagrees");
    assert.deepEqual(
      told.map(({ fields }) => fields),
      [{ device: "belt", tag: "speed", wanted: "5", found: "99" }],
    );
  });

  it("that the slave does not take is written again after growing pauses", async () => {
    const bench = await benchOf(levels("hold"));
    await bench.outcome(bench.set("belt", { speed: 5 }));
    bench.unit().writeException = 3;
    bench.unit().set("holding", 0, 99);
    const before = bench.line().writes().length;
    await bench.run("30s");
    const tries = bench.line().writes().length - before;
    assert.ok(tries >= 8 && tries <= 14, `${tries} tries`);
    assert.equal(bench.logs.filter(({ event }) => event === "level.disagrees").length, 1);
  });

  it("does not give way to a command that comes too late", async () => {
    const bench = await benchOf();
    const wanted = bench.set("belt", { speed: 1 });
    const late = bench.set("belt", { speed: 2 }, { ttl: time("0ms") });
    assertOutcome(await bench.outcome(late), "expired");
    assertOutcome(await bench.outcome(wanted), "verified");
  });

  it("keeps its earlier wanted value when a command for it expires", async () => {
    const bench = await benchOf(levels("hold"));
    await bench.outcome(bench.set("belt", { speed: 5 }));
    bench.line().down();
    const late = bench.set("belt", { speed: 8 }, { ttl: time("100ms") });
    assertOutcome(await bench.outcome(late), "expired");
    bench.line().open();
    await bench.run("200ms");
    bench.unit().set("holding", 0, 99);
    await bench.run("1s");
    assert.equal(bench.unit().get("holding", 0), 5);
  });

  it("that reads back well and is changed at once is written again after growing pauses, and said so once", async () => {
    const bench = await benchOf(levels("hold"));
    await bench.outcome(bench.set("belt", { speed: 5 }));
    const before = bench.line().writes().length;
    const unit = bench.unit();
    const take = unit.take.bind(unit);
    unit.take = (request) => {
      const answer = take(request);
      if (request.fc === 3 && request.quantity === 1) unit.set("holding", 0, 99);
      return answer;
    };
    unit.set("holding", 0, 99);
    await bench.run("30s");
    const tries = bench.line().writes().length - before;
    assert.ok(tries >= 8 && tries <= 14, `${tries} tries`);
    assert.equal(bench.logs.filter(({ event }) => event === "level.disagrees").length, 1);
  });

  it("is written again in its interval where its profile says so", async () => {
    const bench = await benchOf({
      tags: { speed: { address: 0, scanClass: "fast", write: level({ refresh: time("1s") }) } },
    });
    await bench.outcome(bench.set("belt", { speed: 5 }));
    await bench.run("10s");
    assert.ok(Math.abs(bench.line().writes().length - 10) <= 1);
  });

  for (const [onReturn, speed, free] of [
    ["safe", 1, 0],
    ["hold", 0, 0],
    ["reassert", 5, 6],
  ] as const) {
    it(`does what onReturn: ${onReturn} says after its device was away`, async () => {
      const bench = await benchOf(levels(onReturn));
      await bench.outcome(bench.set("belt", { speed: 5, free: 6 }));
      bench.unit().silent = true;
      await bench.run("5s");
      bench.unit().set("holding", 0, 0);
      bench.unit().set("holding", 1, 0);
      bench.unit().silent = false;
      await bench.run("10s");
      assert.equal(bench.unit().get("holding", 0), speed);
      assert.equal(bench.unit().get("holding", 1), free);
    });

    for (const what of ["connection", "unit"] as const) {
      it(`does what onReturn: ${onReturn} says after a break of its ${what} too short to be away`, async () => {
        const bench = await benchOf({ tags: { speed: { ...levels(onReturn).tags["speed"] } } });
        await bench.outcome(bench.set("belt", { speed: 5 }));
        bench.unit().set("holding", 0, 0);
        if (what === "connection") bench.line().down();
        else bench.unit().silent = true;
        await bench.run("90ms");
        bench.unit().silent = false;
        bench.line().open();
        await bench.run("2s");
        assert.notEqual(
          bench.logs.find(({ event }) => event === "level.lost"),
          undefined,
        );
        assert.deepEqual(
          bench
            .unit()
            .history("holding", 0)
            .slice(2)
            .map(({ value }) => value),
          { safe: [1], hold: [], reassert: [5] }[onReturn],
        );
      });
    }

    it(`goes on after a short break when its value still holds, onReturn: ${onReturn}`, async () => {
      const bench = await benchOf(levels(onReturn));
      await bench.outcome(bench.set("belt", { speed: 5 }));
      bench.line().down();
      await bench.run("90ms");
      bench.line().open();
      await bench.run("1s");
      bench.unit().set("holding", 0, 99);
      await bench.run("1s");
      assert.equal(bench.unit().get("holding", 0), 5);
    });

    it(`does what onReturn: ${onReturn} says after it was out of service`, async () => {
      const bench = await benchOf(levels(onReturn));
      await bench.outcome(bench.set("belt", { speed: 5, free: 6 }));
      bench.engine.setService("belt", false);
      await bench.run("1s");
      bench.unit().set("holding", 0, 0);
      bench.unit().set("holding", 1, 0);
      bench.engine.setService("belt", true);
      await bench.run("2s");
      assert.equal(bench.unit().get("holding", 0), speed);
    });
  }

  it("whose command ended in doubt in the cycle of its device's return is left to onReturn", async () => {
    const bench = await benchOf({ ...levels("safe"), timing: { responseTimeout: ms(110) } });
    bench.unit().writes = "answerLost";
    const id = bench.set("belt", { speed: 9 });
    await bench.run("30ms");
    bench.engine.setService("belt", false);
    await bench.run("40ms");
    bench.engine.setService("belt", true);
    bench.unit().writes = "executed";
    assertOutcome(await bench.outcome(id), "unknown");
    await bench.run("2s");
    assert.equal(bench.unit().get("holding", 0), 1);
  });

  it("whose command was under way when its device left is not brought back by that command", async () => {
    const bench = await benchOf(levels("safe"));
    bench.unit().writes = "swallowed";
    const id = bench.set("belt", { speed: 9 }, { ttl: time("1min") });
    await bench.run("40ms");
    bench.unit().silent = true;
    assert.match((await bench.outcome(id)).outcome, /unknown/);
    await bench.run("5s");
    bench.unit().silent = false;
    bench.unit().writes = "executed";
    await bench.run("10s");
    assert.equal(bench.unit().get("holding", 0), 1);
  });
});

describe("a device whose profile names its boot id, and which starts anew without being missed", () => {
  const device = (onReturn: "safe" | "hold" | "reassert", scanClass = "slow"): DeviceSketch => ({
    bootId: "boot",
    tags: {
      boot: { table: "input", scanClass },
      speed: { scanClass: "fast", write: level({ safe: { value: 1 }, onReturn }) },
      count: { address: 9, scanClass: "onDemand", write: pulse() },
    },
  });
  /** All its outputs are 0 after that, as after a power cut. */
  const restart = (bench: ScanBench): void => {
    bench.unit().set("holding", 0, 0);
    bench.unit().set("input", 0, bench.unit().get("input", 0) + 1);
  };
  for (const [onReturn, speed] of [
    ["safe", 1],
    ["hold", 0],
    ["reassert", 5],
  ] as const) {
    it(`has its levels treated as onReturn: ${onReturn} says, and is told once`, async () => {
      const bench = await benchOf(device(onReturn));
      assertOutcome(await bench.outcome(bench.set("belt", { speed: 5 })), "verified");
      await bench.run("500ms");
      restart(bench);
      await bench.run("3s");
      const written = bench
        .unit()
        .history("holding", 0)
        .map(({ value }) => value);
      assert.deepEqual(written, { safe: [5, 0, 1], hold: [5, 0], reassert: [5, 0, 5] }[onReturn]);
      assert.equal(bench.unit().get("holding", 0), speed);
      const told = bench.sink.events.filter(({ event }) => event === "device.restarted");
      assert.deepEqual(
        told.map(({ fields }) => fields),
        [{ device: "belt", before: "0", now: "1" }],
      );
    });
  }

  it("has no pulse repeated", async () => {
    const bench = await benchOf(device("safe", "fast"));
    bench.unit().writeException = 6;
    const id = bench.set("belt", { count: 1 }, { ttl: time("1min") });
    await bench.run("60ms");
    restart(bench);
    await bench.run("60ms");
    bench.unit().writeException = undefined;
    assertOutcome(await bench.outcome(id), "failed");
    await bench.run("3s");
    assert.deepEqual(bench.unit().history("holding", 9), []);
  });

  it("still has a level corrected that changed without a restart, after the next look at the boot id", async () => {
    const bench = await benchOf(device("safe"));
    await bench.outcome(bench.set("belt", { speed: 5 }));
    await bench.run("500ms");
    bench.unit().set("holding", 0, 3);
    await bench.run("2s");
    assert.equal(bench.unit().get("holding", 0), 5);
    assert.ok(!bench.sink.events.some(({ event }) => event === "device.restarted"));
  });

  it("is commanded after a return that was noticed without that being undone", async () => {
    const bench = await benchOf(device("safe"));
    bench.unit().silent = true;
    await bench.run("2s");
    assert.equal(bench.status("belt"), "offline");
    restart(bench);
    bench.unit().silent = false;
    for (let turn = 0; turn < 500 && bench.status("belt") !== "online"; turn++) await bench.run("20ms");
    assertOutcome(await bench.outcome(bench.set("belt", { speed: 7 })), "verified");
    await bench.run("5s");
    assert.equal(bench.unit().get("holding", 0), 7);
  });
});

describe("the end of the master", () => {
  const device: DeviceSketch = {
    tags: {
      run: { table: "coil", type: "bool", scanClass: "fast", write: level({ safe: { value: false } }) },
      grip: { table: "coil", address: 1, type: "bool", scanClass: "fast", write: level({ safe: "hold" }) },
      jog: { table: "coil", address: 2, type: "bool", scanClass: "fast", write: pulse() },
    },
  };

  it("brings outputs to their safe state, and lists those that did not confirm", async () => {
    const bench = new ScanBench(plantLike({ belt: device, arm: { ...device, unit: 2 } }));
    await bench.run("200ms");
    await bench.outcome(bench.set("belt", { run: true, grip: true }));
    bench.unit(2).silent = true;
    const unconfirmed = bench.engine.outputs.enterSafeState(plus(bench.now, ms(1000)));
    assert.equal(unconfirmed().length, 2);
    await bench.run("1.2s");
    assert.equal(bench.unit().get("coil", 0), 0);
    assert.equal(bench.unit().get("coil", 1), 1);
    const left = unconfirmed().map(({ entry, reason }) => `${entry.device.name}/${entry.tag.name}: ${reason}`);
    assert.deepEqual(left, ["arm/run: no answer within 100 ms"]);
    assert.equal(bench.engine.outputs.pending, 0);
  });

  it("is tried on a device that is offline, too", async () => {
    const bench = await benchOf(device);
    bench.unit().silent = true;
    await bench.run("5s");
    bench.unit().set("coil", 0, 1);
    bench.unit().silent = false;
    const unconfirmed = bench.engine.outputs.enterSafeState(plus(bench.now, ms(1000)));
    await bench.run("1s");
    assert.equal(bench.unit().get("coil", 0), 0);
    assert.deepEqual(unconfirmed(), []);
  });

  it("does not let a command that is under way have the last word", async () => {
    const bench = await benchOf(device);
    bench.unit().latency = ms(60);
    const id = bench.set("belt", { run: true });
    await bench.run("30ms");
    bench.engine.outputs.enterSafeState(plus(bench.now, ms(1000)));
    await bench.run("1s");
    assert.equal(bench.unit().get("coil", 0), 0);
    assert.ok(bench.results.some((result) => result.id === id));
    assert.equal(bench.engine.outputs.pending, 0);
    assertOutcome(await bench.outcome(bench.set("belt", { jog: true })), "rejected", /stopping/);
  });

  it("does not write again a value whose answer was lost", async () => {
    const bench = await benchOf(device);
    bench.unit().writes = "swallowed";
    const id = bench.set("belt", { run: true });
    await bench.run("40ms");
    bench.engine.outputs.hold();
    bench.unit().writes = "executed";
    assertOutcome(await bench.outcome(id), "unknown");
    await bench.run("5s");
    assert.equal(bench.line().writes().length, 1);
    assert.equal(bench.unit().get("coil", 0), 0);
  });

  it("answers what still runs as unknown, and what was not begun as rejected", async () => {
    const bench = await benchOf(device);
    bench.unit().silent = true;
    const id = bench.set("belt", { run: true, grip: true });
    await bench.run("40ms");
    bench.endCommands("the master stopped");
    const result = await bench.outcome(id);
    assertOutcome(result, "unknown", /the master stopped/);
    assert.deepEqual([result.results["run"]?.outcome, result.results["grip"]?.outcome], ["unknown", "rejected"]);
    assert.equal(bench.activeCommands, 0);
  });

  it("leaves outputs alone when they are held", async () => {
    const bench = await benchOf(device);
    await bench.outcome(bench.set("belt", { run: true }));
    bench.engine.outputs.hold();
    bench.unit().set("coil", 0, 0);
    await bench.run("5s");
    assert.equal(bench.unit().get("coil", 0), 0);
  });
});

describe("an array of coils", () => {
  it("is written in one request and read back", async () => {
    const lamps = { table: "coil", type: "bool", count: 3, address: 4, scanClass: "fast", write: level() } as const;
    const bench = await benchOf({ tags: { lamps } });
    assertOutcome(await bench.outcome(bench.set("belt", { lamps: [true, false, true] })), "verified");
    assert.deepEqual(
      [4, 5, 6].map((address) => bench.unit().get("coil", address)),
      [1, 0, 1],
    );
    await bench.run("100ms");
    assert.equal(bench.show("belt/lamps"), "true,false,true good ok");
    assert.equal(bench.line().writes().length, 1);
    assertOutcome(await bench.outcome(bench.set("belt", { lamps: [true] })), "rejected", /takes 3 values/);
  });
});

describe("a heartbeat", () => {
  const device: DeviceSketch = {
    heartbeat: { tag: "alive", every: time("200ms"), timeout: time("1s"), covers: [] },
    tags: { alive: { table: "coil", type: "bool", scanClass: "fast", write: pulse() } },
  };

  it("alternates in its interval, and stops while the device is offline", async () => {
    const bench = await benchOf(device);
    await bench.run("2s");
    const beats = bench.unit().history("coil", 0);
    assert.ok(beats.length >= 10, `${beats.length} beats`);
    assert.ok(beats.every(({ value }, index) => value === (index + 1) % 2));
    bench.unit().silent = true;
    await bench.run("3s");
    const before = bench.line().writes().length;
    bench.unit().silent = false;
    bench.line().down();
    await bench.run("3s");
    assert.equal(bench.line().writes().length, before);
    bench.line().open();
    await bench.run("2s");
    assert.ok(bench.line().writes().length > before + 5);
  });

  it("still alternates for a slave that is slower than its interval", async () => {
    const bench = await benchOf({ ...device, timing: { responseTimeout: ms(1000) } });
    bench.unit().latency = ms(300);
    await bench.run("5s");
    const beats = bench.unit().history("coil", 0).slice(1);
    assert.ok(beats.length > 5, `${beats.length} beats`);
    assert.ok(beats.every(({ value }, index) => index === 0 || value !== beats[index - 1]?.value));
  });

  it("goes round in what its tag holds, for ever", async () => {
    const alive = { bits: [0, 1] as const, scanClass: "fast", write: pulse() };
    const bench = await benchOf({ ...device, tags: { alive } });
    await bench.run("4s");
    const beats = bench.unit().history("holding", 0);
    assert.ok(beats.length > 15, `${beats.length} beats`);
    assert.ok(beats.every(({ value }, index) => value === (index + 1) % 4));
  });

  it("that the slave refuses is told once, and once that it is taken again", async () => {
    const bench = await benchOf(device);
    const told = (event: string) => bench.sink.events.filter((each) => each.event === event);
    bench.unit().writeException = 3;
    await bench.run("5s");
    assert.deepEqual(
      told("heartbeat.refused").map(({ fields }) => [fields["device"], fields["tag"], fields["reason"]]),
      [["belt", "alive", "exception 03 illegal data value"]],
    );
    assert.equal(bench.logs.filter(({ event }) => event === "heartbeat.refused").length, 1);
    bench.unit().writeException = undefined;
    await bench.run("2s");
    assert.equal(told("heartbeat.resumed").length, 1);
    assert.equal(told("heartbeat.refused").length, 1);
  });

  it("that may not be written is told once, not in every cycle", async () => {
    const bench = await benchOf(device, { permit: permitNothing });
    await bench.run("5s");
    const told = bench.logs.filter(({ event }) => event === "heartbeat.blocked");
    assert.deepEqual(
      told.map(({ fields }) => [fields["device"], fields["tag"], String(fields["reason"]).includes("read-only")]),
      [["belt", "alive", true]],
    );
    assert.equal(bench.sink.events.filter(({ event }) => event === "heartbeat.blocked").length, 1);
  });
});
