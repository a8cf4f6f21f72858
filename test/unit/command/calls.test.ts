import assert from "node:assert/strict";
import fc from "fast-check";
import type { CommandResult } from "../../../src/command/command.ts";
import { OUTCOMES, sentNothing } from "../../../src/device/outcome.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { type DeviceSketch, level, plantLike, pulse, time } from "../../support/plants/scan-plant.ts";

const BELT: DeviceSketch = {
  tags: {
    running: { table: "discrete", type: "bool", scanClass: "fast" },
    jam: { table: "discrete", address: 1, type: "bool", scanClass: "fast" },
    run: { table: "coil", type: "bool", scanClass: "fast", write: level({ safe: { value: false }, onReturn: "hold" }) },
    speed: { address: 0, scanClass: "fast", scale: 0.1, write: level({ range: { min: 0, max: 2 }, onReturn: "hold" }) },
    kick: { table: "coil", address: 1, type: "bool", scanClass: "onDemand", write: pulse() },
    halt: { table: "coil", address: 2, type: "bool", scanClass: "onDemand", write: pulse() },
  },
  commands: {
    start: {
      args: { speed: { unit: "m/s", range: [0, 2], default: 0.5 } },
      requires: [{ jam: false }],
      steps: [{ write: { speed: "$speed", run: true } }, { expect: { running: true }, within: "1s" }],
      otherwise: [{ write: { run: false } }],
    },
    kick: { steps: [{ write: { kick: true } }, { wait: "100ms" }] },
    stop: { preempts: true, steps: [{ write: { run: false, halt: true } }] },
    purge: { arm: "5s", role: "engineer", steps: [{ write: { kick: true } }] },
  },
};

async function benchOf(device = BELT): Promise<ScanBench> {
  const bench = new ScanBench(plantLike({ belt: device }));
  await bench.run("200ms");
  return bench;
}

function show({ outcome, reason }: CommandResult): string {
  return reason === undefined ? outcome : `${outcome}: ${reason}`;
}

/** Does what it is told: runs as long as `run` is on. */
function obeys(bench: ScanBench): void {
  bench.clock.every("belt", time("20ms"), () => bench.unit().set("discrete", 0, bench.unit().get("coil", 0)));
}

describe("a call", () => {
  it("writes with its arguments in the order written and is verified by what it expects", async () => {
    const bench = await benchOf();
    obeys(bench);
    const result = await bench.outcome(bench.call("belt", "start", { speed: 1.5 }));
    assert.equal(show(result), "verified");
    assert.deepEqual(Object.keys(result.results), ["speed", "run"]);
    assert.equal(bench.unit().get("holding", 0), 15);
  });

  it("does what it does otherwise when the effect does not come, and says what was seen", async () => {
    const bench = await benchOf();
    const result = await bench.outcome(bench.call("belt", "start"));
    assert.equal(show(result), "failed: running is true: not seen within 1s; running is false");
    assert.deepEqual(Object.keys(result.results), ["speed", "run", "otherwise.run"]);
    assert.equal(bench.unit().get("coil", 0), 0);
  });

  const SELDOM: DeviceSketch = {
    ...BELT,
    tags: { ...BELT.tags, running: { table: "discrete", type: "bool", scanClass: "slow" } },
    commands: { start: { steps: [{ write: { run: true } }, { expect: { running: true }, within: "100ms" }] } },
  };

  it("waits for the next readings of what is read more seldom than its effect may take", async () => {
    const bench = await benchOf(SELDOM);
    obeys(bench);
    const result = await bench.outcome(bench.call("belt", "start"));
    assert.equal(show(result), "verified");
    assert.ok(result.took > 100);
  });

  it("is unknown, not failed, where what it expects was not looked at in time", async () => {
    const bench = await benchOf(SELDOM);
    const { outcome, reason } = await bench.outcome(bench.call("belt", "start"));
    assert.equal(outcome, "unknown");
    assert.match(reason ?? "", /running is false, which is read too seldom to say what was before$/);
  });

  it("is not content with what was read before it wrote", async () => {
    const bench = await benchOf();
    bench.unit().set("discrete", 0, 1);
    await bench.run("100ms");
    bench.clock.every("belt", time("20ms"), () => bench.unit().set("discrete", 0, 0));
    assert.match(show(await bench.outcome(bench.call("belt", "start"))), /^failed/);
  });

  const refused: readonly (readonly [string, Parameters<ScanBench["call"]>, RegExp])[] = [
    ["an unknown command", ["belt", "strat"], /unknown command "strat" of belt; did you mean "start"/],
    ["an unknown argument", ["belt", "start", { sped: 1 }], /unknown argument "sped"; did you mean "speed"/],
    ["an argument out of range", ["belt", "start", { speed: 3 }], /speed 3 is outside 0 to 2 m\/s/],
    ["an argument of another kind", ["belt", "start", { speed: "fast" }], /speed takes a number, not "fast"/],
    ["an unknown device", ["bolt", "start"], /unknown device "bolt"/],
    ["what has to be armed", ["belt", "purge"], /purge has to be armed/],
  ];
  for (const [what, call, why] of refused) {
    it(`is rejected for ${what}, and nothing is sent`, async () => {
      const bench = await benchOf();
      const result = await bench.outcome(bench.call(...call));
      assert.match(show(result), /^rejected: /);
      assert.match(result.reason ?? "", why);
      assert.deepEqual(bench.line().writes(), []);
    });
  }

  it("is rejected with each condition that does not hold by its name", async () => {
    const bench = await benchOf();
    bench.unit().set("discrete", 1, 1);
    await bench.run("100ms");
    const jammed = await bench.outcome(bench.call("belt", "start"));
    assert.equal(show(jammed), "rejected: start cannot begin: it requires that jam is false, but jam is true");
    bench.unit().silent = true;
    await bench.run("3s");
    assert.match(show(await bench.outcome(bench.call("belt", "start"))), /jam is not known \(offline\)/);
  });

  it("that expires before it begins is not begun", async () => {
    const bench = await benchOf();
    assert.match(show(await bench.outcome(bench.call("belt", "start", {}, { ttl: time("0ms") }))), /^expired/);
    assert.deepEqual(bench.line().writes(), []);
  });

  it("keeps a second one waiting for nothing: it is busy, but the same id gets the first outcome", async () => {
    const bench = await benchOf();
    obeys(bench);
    const first = bench.call("belt", "start", {}, { id: "a" });
    await bench.run("20ms");
    bench.call("belt", "start", {}, { id: "b" });
    bench.call("belt", "start", {}, { id: "a" });
    assert.deepEqual(bench.results.map(show), ['rejected: busy: start ("a") is under way']);
    await bench.outcome(first);
    const writes = bench.line().writes().length;
    bench.call("belt", "start", {}, { id: "a" });
    assert.deepEqual(bench.results.slice(1).map(show), ["verified", "verified"]);
    assert.equal(bench.line().writes().length, writes);
    bench.call("belt", "start", { speed: 1 }, { id: "a" });
    assert.match(show(bench.results.at(-1) ?? assert.fail()), /^rejected: this id was already used/);
  });

  it("that is cancelled does what it does otherwise", async () => {
    const bench = await benchOf();
    const id = bench.call("belt", "start");
    await bench.run("200ms");
    assert.ok(bench.cancel("belt", id));
    assert.equal(show(await bench.outcome(id)), "failed: cancelled by test");
    assert.equal(bench.unit().get("coil", 0), 0);
    assert.ok(!bench.cancel("belt", id));
  });

  it("that stops takes over what is under way, its writes and those of a set", async () => {
    const bench = await benchOf();
    const started = bench.call("belt", "start");
    const set = bench.set("belt", { speed: 1, run: true });
    await bench.run("20ms");
    const stopped = bench.call("belt", "stop");
    assert.match(show(await bench.outcome(started)), /stop \("c3"\) took over/);
    assert.match(show(await bench.outcome(set)), /took over|newer/);
    assert.match(show(await bench.outcome(stopped)), /^acknowledged$/);
    await bench.run("5s");
    assert.equal(bench.unit().get("coil", 0), 0);
    assert.equal(bench.unit().get("coil", 2), 1);
  });

  it("that stops is tried on a device that is offline", async () => {
    const bench = await benchOf();
    bench.unit().set("coil", 0, 1);
    bench.unit().silent = true;
    await bench.run("3s");
    assert.equal(bench.status("belt"), "offline");
    bench.clock.after("back", time("300ms"), () => (bench.unit().silent = false));
    const result = await bench.outcome(bench.call("belt", "stop"));
    assert.equal(bench.unit().get("coil", 0), 0, show(result));
  });

  it("never repeats a pulse that may have reached the slave, and ends as unknown", async () => {
    const bench = await benchOf();
    bench.unit().writes = "answerLost";
    const result = await bench.outcome(bench.call("belt", "kick"));
    assert.match(show(result), /^unknown: kick: no answer/);
    await bench.run("10s");
    assert.equal(bench.unit().history("coil", 1).length, 1);
  });

  it("that still runs at the end of the master is unknown, and rejected where nothing was sent", async () => {
    const bench = await benchOf();
    bench.call("belt", "start", {}, { id: "a" });
    bench.endCommands("the master stopped");
    bench.call("belt", "start", {}, { id: "b" });
    await bench.run("100ms");
    bench.endCommands("the master stopped");
    assert.deepEqual(bench.results.map(show), ["rejected: the master stopped", "unknown: the master stopped"]);
    assert.equal(bench.activeCommands, 0);
  });
});

describe("a level that is written and read back in one request", () => {
  const sketch = (): DeviceSketch => ({
    tags: { speed: { address: 3, scanClass: "slow", write: level({ readWrite: true }) } },
  });

  it("is verified by its answer, and repeated while that is in doubt", async () => {
    const bench = await benchOf(sketch());
    const { outcome, results } = await bench.outcome(bench.set("belt", { speed: 7 }));
    assert.deepEqual([outcome, results["speed"]?.readback], ["verified", 7]);
    assert.deepEqual(
      bench
        .line()
        .writes()
        .map(({ request }) => request.fc),
      [23],
    );
    bench.unit().writes = "echoOnly";
    const failed = await bench.outcome(bench.set("belt", { speed: 8 }));
    assert.equal(show(failed), "failed: reads back 7");
    assert.ok(bench.line().writes().length > 2);
    bench.unit().writes = "answerLost";
    const lost = bench.set("belt", { speed: 9 });
    await bench.run("200ms");
    bench.unit().writes = "executed";
    assert.equal((await bench.outcome(lost)).outcome, "verified");
  });
});

describe("a command that has to be armed", () => {
  const arm = (bench: ScanBench, id: string, more: object = {}): void => {
    const command = { id, device: "belt", arm: "purge", ttl: time("2s"), receivedAt: bench.now, origin: "test" };
    bench.accept({ ...command, ...more });
  };

  it("is called once within the time of its arming, by who armed it", async () => {
    const bench = await benchOf();
    arm(bench, "a");
    assert.match(show(bench.results[0] ?? assert.fail()), /^acknowledged: armed: call purge within 5s/);
    const other = {
      id: "b",
      device: "belt",
      call: "purge",
      args: [],
      armed: "a",
      ttl: time("2s"),
      receivedAt: bench.now,
    };
    bench.accept({ ...other, origin: "elsewhere" });
    assert.match(show(bench.results[1] ?? assert.fail()), /^rejected: "a" did not arm purge/);
    assert.equal(show(await bench.outcome(bench.call("belt", "purge", {}, { armed: "a" }))), "acknowledged");
    assert.match(show(await bench.outcome(bench.call("belt", "purge", {}, { armed: "a" }))), /did not arm/);
  });

  it("is not said to be armed to an id that armed it before, once that is used up", async () => {
    const bench = await benchOf();
    arm(bench, "a");
    arm(bench, "a");
    assert.match(show(bench.results[1] ?? assert.fail()), /^acknowledged: armed/);
    await bench.outcome(bench.call("belt", "purge", {}, { armed: "a" }));
    arm(bench, "a");
    assert.match(
      show(bench.results.at(-1) ?? assert.fail()),
      /^rejected: what this id armed was called or has run out/,
    );
  });

  it("is not called later", async () => {
    const bench = await benchOf();
    arm(bench, "a");
    await bench.run("6s");
    assert.match(show(await bench.outcome(bench.call("belt", "purge", {}, { armed: "a" }))), /has run out/);
    assert.deepEqual(bench.line().writes(), []);
  });

  it("is neither armed nor called without its role", async () => {
    const bench = await benchOf();
    bench.role = "operator";
    arm(bench, "a");
    assert.match(show(bench.results[0] ?? assert.fail()), /^rejected: purge needs the role engineer/);
    assert.match(show(await bench.outcome(bench.call("belt", "purge"))), /needs the role engineer/);
    bench.role = "observer";
    assert.match(
      show(await bench.outcome(bench.set("belt", { run: true }))),
      /needs the role operator; this is observer/,
    );
  });
});

describe("the audit", () => {
  it("tells every write and every command: who, what, old and new value, outcome and cycle", async () => {
    const bench = await benchOf();
    obeys(bench);
    bench.unit().set("holding", 0, 3);
    await bench.run("100ms");
    await bench.outcome(bench.call("belt", "start", { speed: 1 }, { id: "a", by: "ada" }));
    const told = bench.audit.map(({ cycle, ...rest }) => {
      assert.ok(typeof cycle === "number" && cycle > 0);
      return rest;
    });
    const asked = { device: "belt", origin: "test", by: "ada", id: "a", outcome: "verified", reason: undefined };
    assert.deepEqual(told, [
      { what: "write", ...asked, tag: "speed", old: 0.3, new: 1, untold: undefined },
      { what: "write", ...asked, tag: "run", old: false, new: true, untold: undefined },
      { what: "call", ...asked, command: "start", args: "speed=1" },
    ]);
  });

  it("tells a correction as the master's own", async () => {
    const bench = await benchOf();
    await bench.outcome(bench.set("belt", { speed: 1 }));
    bench.unit().set("holding", 0, 4);
    await bench.run("1s");
    const { origin, id, old, new: now } = bench.audit.at(-1) ?? assert.fail();
    assert.deepEqual({ origin, id, old, now }, { origin: "level", id: undefined, old: 0.4, now: 1 });
  });
});

describe("an interlock", () => {
  const GUARDED: DeviceSketch = {
    tags: {
      closed: { table: "discrete", type: "bool", scanClass: "fast" },
      run: {
        table: "coil",
        type: "bool",
        scanClass: "fast",
        write: level({ safe: { value: false }, requires: [{ tag: "closed", test: { kind: "is", any: [true] } }] }),
      },
    },
  };

  it("keeps a command out, never the safe value, and takes the output to it when it is gone", async () => {
    const bench = await benchOf(GUARDED);
    assert.match(show(await bench.outcome(bench.set("belt", { run: true }))), /interlocked: closed is false/);
    assert.equal(show(await bench.outcome(bench.set("belt", { run: false }))), "verified");
    bench.unit().set("discrete", 0, 1);
    await bench.run("100ms");
    assert.equal(show(await bench.outcome(bench.set("belt", { run: true }))), "verified");
    bench.unit().set("discrete", 0, 0);
    await bench.run("200ms");
    assert.equal(bench.unit().get("coil", 0), 0);
    const tripped = bench.sink.events.filter(({ event }) => event === "output.tripped");
    assert.deepEqual(
      tripped.map(({ fields }) => fields["reason"]),
      ["closed is false"],
    );
    bench.unit().set("discrete", 0, 1);
    await bench.run("5s");
    assert.equal(bench.unit().get("coil", 0), 0);
  });

  it("is not fulfilled by an input that is not good", async () => {
    const bench = await benchOf({ ...GUARDED, tags: { ...GUARDED.tags } });
    bench.unit().set("discrete", 0, 1);
    await bench.run("100ms");
    await bench.outcome(bench.set("belt", { run: true }));
    bench.unit().holes = [{ table: "discrete", from: 0, to: 0, code: 2 }];
    await bench.run("1s");
    assert.equal(bench.unit().get("coil", 0), 0);
    assert.match(show(await bench.outcome(bench.set("belt", { run: true }))), /closed is not known \(refused\)/);
  });

  it("that cannot be honoured is told", async () => {
    const bench = await benchOf(GUARDED);
    bench.unit().set("discrete", 0, 1);
    await bench.run("100ms");
    await bench.outcome(bench.set("belt", { run: true }));
    bench.unit().writeException = 4;
    bench.unit().set("discrete", 0, 0);
    await bench.run("3s");
    assert.ok(bench.sink.events.some(({ event }) => event === "output.notSafe"));
  });
});

describe("a change that is too large for one command", () => {
  it("is rejected, and the safe value is not", async () => {
    const write = level({ range: { min: 0, max: 100 }, safe: { value: 0 }, maxChange: 10 });
    const bench = await benchOf({ tags: { level: { scanClass: "fast", write } } });
    bench.unit().set("holding", 0, 50);
    await bench.run("100ms");
    assert.equal(show(await bench.outcome(bench.set("belt", { level: 60 }))), "verified");
    assert.match(show(await bench.outcome(bench.set("belt", { level: 71 }))), /more than 10 away from 60/);
    assert.equal(show(await bench.outcome(bench.set("belt", { level: 0 }))), "verified");
  });
});

describe("any commands, whatever happens", () => {
  const command = fc.constantFrom("start", "kick", "stop", "set", "cancel");
  const fate = fc.constantFrom("delivered", "lost", "answerLost", "damaged");
  const step = fc.record({ command, wait: fc.integer({ min: 0, max: 30 }), fate });

  it("end in exactly one outcome each, and no pulse is done twice", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const bench = await benchOf();
        const asked: string[] = [];
        const answered: (readonly [string, CommandResult])[] = [];
        let reads = 0;
        for (const { command: what, wait, fate: next } of steps) {
          bench.unit().fate = (request) => (request.fc >= 5 || ++reads % 7 === 0 ? next : "delivered");
          if (what === "cancel") bench.cancel("belt", asked.at(-1) ?? "");
          else asked.push(what === "set" ? bench.set("belt", { run: true }) : bench.call("belt", what));
          await bench.run(`${1 + wait * 20}ms`);
        }
        bench.unit().fate = () => "delivered";
        await bench.run("30s");
        for (const result of bench.results) answered.push([result.id, result]);
        assert.deepEqual(answered.map(([id]) => id).toSorted(), asked.toSorted());
        assert.ok(answered.every(([, { outcome }]) => OUTCOMES.includes(outcome)));
        const kicked = bench.results.flatMap(({ results }) => results["kick"] ?? []);
        const most = kicked.filter(({ outcome }) => !sentNothing(outcome)).length;
        assert.ok(bench.unit().history("coil", 1).length <= most, "a pulse was done that no command sent");
        const told = bench.audit.filter(({ what }) => what === "call" || what === "set");
        assert.equal(told.length, asked.length);
        assert.equal(bench.activeCommands, 0);
      }),
      { numRuns: 25 },
    );
  });
});
