import assert from "node:assert/strict";
import type { Value } from "../../../../src/device/quality.ts";
import { ms, plus } from "../../../../src/kit/time.ts";
import { R_TRIG, TON } from "../../../../src/scan/program/blocks.ts";
import { program, type ProgramBody, type RetainedRecord } from "../../../../src/scan/program/program.ts";
import type { LoadedProgram } from "../../../../src/scan/program/program-run.ts";
import { permitNothing } from "../../../../src/scan/outputs/permit.ts";
import { loaded, ProgramRig } from "../../../support/scan/program-rig.ts";
import { level, plantLike, pulse } from "../../../support/plants/scan-plant.ts";

/** A belt with a photo-eye, and a lamp on a line of its own. */
const PLANT = plantLike({
  belt: {
    tags: {
      eye: { table: "discrete", type: "bool", scanClass: "fast" },
      count: { table: "input", address: 3, scanClass: "fast" },
      run: {
        table: "coil",
        type: "bool",
        scanClass: "fast",
        write: level({ safe: { value: false }, onReturn: "hold" }),
      },
      speed: { address: 7, scanClass: "fast", scale: 0.001, unit: "m/s", write: level({ range: { min: 0, max: 2 } }) },
      jog: { table: "coil", address: 5, type: "bool", scanClass: "onDemand", write: pulse() },
    },
  },
  lamp: {
    line: "hall",
    tags: { on: { table: "coil", type: "bool", scanClass: "fast", write: level({ safe: "hold" }) } },
  },
});

interface Io {
  readonly belt: { readonly eye: boolean; readonly count: number; run: boolean; speed: number; jog: boolean };
  readonly lamp: { on: boolean };
}

type Body = ProgramBody<Io, Record<string, Value>>;

/** A rig whose slaves have been read. */
async function rigOf(body: Body, settings: Partial<LoadedProgram> = {}, options: object = {}): Promise<ProgramRig> {
  const rig = new ProgramRig(PLANT, [loaded<Io>(body, settings)], options);
  await rig.run("200ms");
  return rig;
}

const eye = (rig: ProgramRig, seen: boolean): void => rig.unit().set("discrete", 0, Number(seen));
/** What the coil of `run` held, from its first write on. */
const runs = (rig: ProgramRig): readonly number[] =>
  rig
    .unit()
    .history("coil", 0)
    .map(({ value }) => value);

describe("a program in the scan", () => {
  it("reads the frozen image and writes through the gate, within one cycle of the reading", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.run = io.belt.eye;
    });
    assert.equal(rig.state(), "running");
    eye(rig, true);
    await rig.run("60ms");
    assert.deepEqual(runs(rig), [0, 1]);
    eye(rig, false);
    await rig.run("60ms");
    assert.deepEqual(runs(rig), [0, 1, 0]);
  });

  it("keeps a level at what it wants, and writes it once", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.speed = 0.5;
    });
    await rig.run("500ms");
    assert.deepEqual(
      rig
        .unit()
        .history("holding", 7)
        .map(({ value }) => value),
      [500],
    );
    rig.unit().set("holding", 7, 100);
    await rig.run("2s");
    assert.equal(rig.unit().get("holding", 7), 500);
  });

  it("takes what stands there at its start for nothing new", async () => {
    const arrived = R_TRIG();
    const rig = new ProgramRig(PLANT, [
      loaded<Io>(({ io }) => {
        if (arrived(io.belt.eye)) io.belt.run = true;
      }),
    ]);
    eye(rig, true);
    await rig.run("300ms");
    assert.deepEqual([rig.state(), runs(rig)], ["running", []]);
    eye(rig, false);
    await rig.run("60ms");
    eye(rig, true);
    await rig.run("60ms");
    assert.deepEqual(runs(rig), [1]);
  });

  it("lets a command through between its own decisions, and the newest of both holds", async () => {
    const arrived = R_TRIG();
    const rig = await rigOf(({ io }) => {
      if (arrived(io.belt.eye)) io.belt.run = false;
    });
    assert.equal((await rig.outcome(rig.set("belt", { run: true }))).outcome, "verified");
    eye(rig, true);
    await rig.run("100ms");
    assert.deepEqual(runs(rig), [1, 0]);
    assert.equal((await rig.outcome(rig.set("belt", { run: true }))).outcome, "verified");
    await rig.run("1s");
    assert.deepEqual(runs(rig), [1, 0, 1]);
  });

  it("overtakes a command under way, whose doubtful end does not become the wanted value", async () => {
    let stop = false;
    const rig = await rigOf(({ io }) => {
      if (stop) io.belt.run = false;
    });
    rig.unit().writes = "answerLost";
    const id = rig.set("belt", { run: true });
    await rig.run("40ms");
    stop = true;
    await rig.run("20ms");
    stop = false;
    rig.unit().writes = "executed";
    const { outcome } = await rig.outcome(id);
    assert.notEqual(outcome, "verified");
    await rig.run("5s");
    assert.equal(rig.unit().get("coil", 0), 0);
    assert.equal(rig.engine.outputs.wanted(rig.entry("belt/run")), false);
  });

  it("sends a pulse once for as long as it wants it, and again only when it has not wanted it in between", async () => {
    let wants = false;
    const rig = await rigOf(({ io }) => {
      io.belt.jog = wants;
    });
    const pulses = (): number => rig.unit().history("coil", 5).length;
    assert.equal(pulses(), 0);
    wants = true;
    await rig.run("200ms");
    assert.equal(pulses(), 1);
    wants = false;
    await rig.run("100ms");
    wants = true;
    await rig.run("100ms");
    assert.equal(pulses(), 2);
    assert.deepEqual(
      rig
        .unit()
        .history("coil", 5)
        .map(({ value }) => value),
      [1, 1],
    );
  });

  it("does not send a pulse again because it saw nothing for a while", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.jog = io.belt.eye;
    });
    eye(rig, true);
    await rig.run("200ms");
    rig.unit().silent = true;
    await rig.run("3s");
    assert.equal(rig.state(), "blind");
    rig.unit().silent = false;
    await rig.run("3s");
    assert.equal(rig.state(), "running");
    assert.equal(rig.unit().history("coil", 5).length, 1);
  });

  it("tells of a pulse that is not known to have come through", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.jog = io.belt.eye;
    });
    rig.unit().writeException = 2;
    eye(rig, true);
    await rig.run("200ms");
    assert.match(rig.told.at(-1) ?? "", /^warn program\.pulseFailed program=test output=belt\.jog outcome=refused/);
  });

  it("is named in the audit as who asked, with what became of it", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.run = io.belt.eye;
      io.belt.jog = io.belt.eye;
    });
    rig.unit().writeException = 2;
    await rig.run("1s");
    eye(rig, true);
    await rig.run("100ms");
    const told = rig.audit.slice(-2).map(({ tag, origin, outcome }) => ({ tag, origin, outcome }));
    assert.deepEqual(told, [
      { tag: "run", origin: "program test", outcome: "refused" },
      { tag: "jog", origin: "program test", outcome: "refused" },
    ]);
  });

  it("runs every n-th cycle when it is told to", async () => {
    let count = 0;
    const rig = await rigOf(() => ++count, { every: ms(100) });
    count = 0;
    await rig.run("1s");
    assert.equal(count, 10);
  });

  it("has the time of its cycles", async () => {
    const seen: number[] = [];
    await rigOf(({ time }) => void seen.push(time.now));
    assert.deepEqual(seen.slice(0, 3), [0, 20, 40]);
  });

  it("writes nothing on a master that may not, and says so once", async () => {
    const rig = await rigOf(
      ({ io }) => {
        io.belt.run = true;
      },
      {},
      { permit: permitNothing },
    );
    await rig.run("1s");
    assert.deepEqual(runs(rig), []);
    assert.deepEqual(rig.told, [
      "warn program.outputRejected program=test output=belt.run reason=this master runs read-only",
      "info program.running program=test",
    ]);
  });

  it("rests when the master stops, and leaves the outputs safe", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.run = true;
    });
    rig.engine.outputs.enterSafeState(plus(rig.now, ms(400)));
    await rig.run("500ms");
    assert.deepEqual(runs(rig), [1, 0]);
  });
});

describe("a program that reads what is not good", () => {
  it("wants nothing in that cycle, and goes on where it was", async () => {
    const settled = TON("100ms");
    let tried = 0;
    const rig = await rigOf(({ io }) => {
      const waits = settled(io.belt.eye);
      tried++;
      io.belt.run = waits;
      io.lamp.on = io.belt.count > 5;
    });
    assert.equal(rig.state(), "running");
    rig.line("cell").unit(1).holes = [{ table: "input", from: 3, to: 3, code: 2 }];
    eye(rig, true);
    await rig.run("400ms");
    assert.ok(tried > 10);
    assert.deepEqual([rig.state(), runs(rig)], ["blind", [0]]);
  });

  it("drops what it remembered in such a cycle: edges, timers, retained values, its log", async () => {
    const arrived = R_TRIG();
    let blind = false;
    const kept: RetainedRecord[] = [];
    const retained = { load: () => undefined, changed: (_: string, values: RetainedRecord) => void kept.push(values) };
    const body = program<Io, { boxes: number }>({ retain: { boxes: 0 } }, ({ io, retain, log }) => {
      if (arrived(io.belt.eye)) {
        retain.boxes += 1;
        log.info("a box", { boxes: retain.boxes });
      }
      if (blind && io.lamp.on) io.belt.run = false;
    });
    const rig = await rigOf(body as never, {}, { retained });
    rig.line("hall").unit(1).silent = true;
    await rig.run("2s");
    assert.equal(rig.show("lamp/on"), "null bad offline");
    blind = true;
    eye(rig, true);
    await rig.run("100ms");
    assert.deepEqual([kept, rig.told.filter((line) => line.includes("a box"))], [[], []]);
    blind = false;
    await rig.run("100ms");
    assert.deepEqual(kept, [{ boxes: 1 }]);
    assert.deepEqual(
      rig.told.filter((line) => line.includes("a box")),
      ["info program.says program=test text=a box boxes=1"],
    );
  });

  it("says nothing of a blindness that is shorter than its grace", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.run = io.belt.eye;
    });
    const { length } = rig.told;
    rig.engine.setService("belt", false);
    await rig.run("100ms");
    assert.equal(rig.state(), "blind");
    rig.engine.setService("belt", true);
    await rig.run("200ms");
    assert.equal(rig.state(), "running");
    assert.deepEqual(rig.told.slice(length), []);
  });

  it("brings its outputs to their safe state after its grace, tells why, and goes on when it sees again", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.run = true;
      io.belt.speed = 1;
      io.lamp.on = true;
      if (io.belt.count > 100) io.belt.run = false;
    });
    assert.deepEqual(runs(rig), [1]);
    const { unit } = { unit: rig.unit() };
    unit.holes = [{ table: "input", from: 3, to: 3, code: 2 }];
    await rig.run("400ms");
    assert.deepEqual([rig.state(), runs(rig)], ["blind", [1]]);
    await rig.run("400ms");
    assert.deepEqual(runs(rig), [1, 0]);
    assert.equal(rig.unit(1, "hall").get("coil", 0), 1);
    assert.equal(
      rig.told.at(-1),
      "warn program.blind program=test tag=belt.count reason=refused leftAsTheyAre=belt.speed",
    );
    unit.holes = [];
    rig.engine.setService("belt", false);
    await rig.run("100ms");
    rig.engine.setService("belt", true);
    await rig.run("1s");
    assert.deepEqual([rig.state(), runs(rig)], ["running", [1, 0, 0, 1]]);
    assert.equal(rig.told.at(-1), "info program.running program=test");
  });

  it("makes an output safe when its device comes back, though what it reads stays away", async () => {
    const rig = await rigOf(({ io }) => {
      io.belt.run = !io.lamp.on;
    });
    assert.deepEqual(runs(rig), [1]);
    rig.unit().silent = true;
    rig.unit(1, "hall").silent = true;
    await rig.run("5s");
    assert.deepEqual([rig.status("belt"), runs(rig)], ["offline", [1]]);
    rig.unit().silent = false;
    await rig.run("10s");
    assert.deepEqual([rig.status("belt"), rig.status("lamp"), runs(rig)], ["online", "offline", [1, 0]]);
    assert.equal((await rig.outcome(rig.set("belt", { run: true }))).outcome, "verified");
    await rig.run("5s");
    assert.deepEqual(runs(rig), [1, 0, 1]);
  });

  it("may catch what a reading throws, and the cycle counts as little", async () => {
    const rig = await rigOf(({ io }) => {
      try {
        io.belt.run = io.lamp.on;
      } catch {
        io.belt.run = true;
      }
    });
    rig.unit(1, "hall").silent = true;
    await rig.run("3s");
    assert.equal(rig.state(), "blind");
    assert.equal(rig.unit().get("coil", 0), 0);
  });

  it("peeks without that rule: value, quality, reason and age", async () => {
    let seen: unknown;
    const rig = await rigOf(({ io }) => {
      seen = io.peek("lamp.on");
    });
    rig.unit(1, "hall").silent = true;
    await rig.run("10s");
    assert.equal(rig.state(), "running");
    assert.deepEqual({ ...(seen as object), age: 0 }, { value: null, quality: "bad", reason: "offline", age: 0 });
    assert.ok((seen as { age: number }).age > 9000);
  });
});

describe("a program that makes a mistake", () => {
  const mistakes: readonly (readonly [string, Body, RegExp])[] = [
    [
      "throws",
      () => {
        throw new Error("no more boxes");
      },
      /no more boxes/,
    ],
    [
      "asks for a device there is not",
      ({ io }) => (io as never as { bolt: object }).bolt,
      /unknown device "bolt"; did you mean "belt"\?/,
    ],
    [
      "asks for a tag there is not",
      ({ io }) => (io.belt as never as { aye: boolean }).aye,
      /unknown tag of belt "aye"; did you mean "eye"\?/,
    ],
    [
      "peeks at a tag there is not",
      ({ io }) => io.peek("belt.aye"),
      /unknown tag "belt\.aye"; did you mean "belt\.eye"\?/,
    ],
    [
      "writes a tag there is not",
      ({ io }) => {
        (io.belt as never as { ran: boolean }).ran = true;
      },
      /unknown tag of belt "ran"/,
    ],
    [
      "writes an input",
      ({ io }) => {
        (io.belt as { eye: boolean }).eye = true;
      },
      /belt\.eye is no output: its profile has no write/,
    ],
    [
      "writes what the output cannot hold",
      ({ io }) => {
        io.belt.run = 1 as never;
      },
      /belt\.run: takes true or false, not 1/,
    ],
    [
      "writes what is out of range",
      ({ io }) => {
        io.belt.speed = 3;
      },
      /belt\.speed: 3 is outside 0 to 2 m\/s/,
    ],
    [
      "writes nothing",
      ({ io }) => {
        io.belt.speed = undefined as never;
      },
      /belt\.speed: undefined is no value/,
    ],
    ["reads a tag that is not scanned", ({ io }) => io.belt.jog, /belt\.jog cannot be read: it is read on demand only/],
    ["makes its blocks in every cycle", ({ io }) => R_TRIG()(io.belt.eye), /R_TRIG\(\) is made in every cycle anew/],
    [
      "throws what has no text",
      () => {
        throw Object.create(null);
      },
      /something was thrown that has no text/,
    ],
    ["promises something", async () => undefined, /it returned a promise; a program runs to its end within its cycle/],
    [
      "keeps what is no JSON",
      ({ retain }) => {
        retain["x"] = 1;
      },
      /not extensible/,
    ],
  ];
  for (const [title, body, reason] of mistakes) {
    it(`stops, its outputs safe, and the others go on: it ${title}`, async () => {
      let wrong = false;
      let runsOn = 0;
      const rig = new ProgramRig(PLANT, [
        loaded<Io>((context) => {
          if (wrong) return body(context);
          context.io.belt.run = true;
          return undefined;
        }),
        loaded<Io>(() => ++runsOn, { name: "other" }),
      ]);
      await rig.run("200ms");
      wrong = true;
      await rig.run("60ms");
      runsOn = 0;
      await rig.run("1s");
      assert.deepEqual([rig.state(), rig.state("other"), runs(rig), runsOn], ["stopped", "running", [1, 0], 50]);
      const told = rig.told.filter((line) => line.startsWith("error"));
      assert.equal(told.length, 1);
      assert.match(told[0] ?? "", /^error program\.stopped program=test reason=/);
      assert.match(told[0] ?? "", reason);
    });
  }

  it("is blamed for what is thrown of its own outside every cycle, and nobody else is", async () => {
    const locate = (error: unknown) => (error instanceof RangeError ? "test.ts:3:5" : undefined);
    const rig = await rigOf(() => undefined, { locate });
    assert.equal(rig.programs.blame(new Error("ours")), false);
    assert.equal(rig.state(), "running");
    assert.equal(rig.programs.blame(new RangeError("no more boxes")), true);
    assert.match(
      rig.told.at(-1) ?? "",
      /^error program\.stopped .*no more boxes \(test\.ts:3:5\), outside its cycle: .* without async/,
    );
  });

  it("is told where it made it", async () => {
    const rig = await rigOf(
      () => {
        throw new Error("oops");
      },
      { locate: () => "sorting.ts:12:9" },
    );
    assert.equal(rig.told.at(-1), "error program.stopped program=test reason=oops (sorting.ts:12:9)");
  });

  it("writes an output of another program: the second one stops, the first goes on", async () => {
    const body: Body = ({ io }) => {
      io.belt.run = true;
    };
    const rig = new ProgramRig(PLANT, [loaded<Io>(body, { name: "one" }), loaded<Io>(body, { name: "two" })]);
    await rig.run("300ms");
    assert.deepEqual([rig.state("one"), rig.state("two"), runs(rig)], ["running", "stopped", [1]]);
    assert.match(rig.told.join("\n"), /program=two reason=belt\.run is written by program one already/);
  });

  it("commands go on where a stopped program left its outputs safe", async () => {
    let wrong = false;
    const rig = await rigOf(({ io }) => {
      io.belt.run = true;
      if (wrong) throw new Error("oops");
    });
    wrong = true;
    await rig.run("200ms");
    assert.equal((await rig.outcome(rig.set("belt", { run: true }))).outcome, "verified");
    await rig.run("1s");
    assert.deepEqual(runs(rig), [1, 0, 1]);
  });
});

describe("the alarms of a program", () => {
  const alarms = { lost: { text: "A box was lost", priority: "high" } } as const;

  it("stand while it says so, in cycles that count, and are unknown while it does not see", async () => {
    const body = program<Io, RetainedRecord, typeof alarms>({ alarms }, ({ io, alarms: own }) => {
      own.lost = io.belt.eye;
      if (io.belt.count > 100) own.lost = true;
    });
    const rig = await rigOf(body as never);
    assert.equal(rig.causes.get("test.lost"), false);
    eye(rig, true);
    await rig.run("60ms");
    assert.equal(rig.causes.get("test.lost"), true);
    rig.unit().holes = [{ table: "input", from: 3, to: 3, code: 2 }];
    await rig.run("400ms");
    eye(rig, false);
    await rig.run("60ms");
    assert.equal(rig.causes.get("test.lost"), true);
    await rig.run("400ms");
    assert.deepEqual([rig.causes.get("test.lost"), rig.causes.get("test.blind")], [undefined, true]);
    rig.unit().holes = [];
    rig.engine.setService("belt", false);
    await rig.run("100ms");
    rig.engine.setService("belt", true);
    await rig.run("1s");
    assert.deepEqual([rig.causes.get("test.lost"), rig.causes.get("test.blind")], [false, false]);
  });

  it("say of every program that it stopped, and that it takes too long", async () => {
    let slow = false;
    const rig = await rigOf(
      () => {
        if (slow) rig.taken = ms(rig.taken + 3);
      },
      { budget: ms(2) },
    );
    assert.deepEqual(
      [...rig.causes],
      [
        ["test.stopped", false],
        ["test.blind", false],
        ["test.overBudget", false],
      ],
    );
    slow = true;
    await rig.run("60ms");
    assert.equal(rig.causes.get("test.overBudget"), true);
    slow = false;
    await rig.run("3s");
    assert.equal(rig.causes.get("test.overBudget"), false);
    const wrong = await rigOf(() => {
      throw new Error("oops");
    });
    assert.equal(wrong.causes.get("test.stopped"), true);
  });

  it("are only those it named, true or false", async () => {
    const rig = await rigOf(
      program<Io>({ alarms }, ({ alarms: own }) => {
        (own as { lost: unknown }).lost = 1;
      }) as never,
    );
    assert.match(rig.told.at(-1) ?? "", /program\.stopped .*alarms\.lost takes true or false/);
  });

  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ lost: { text: "" } }, /alarm lost: needs a text/],
    [{ lost: { text: "x", prioritee: "high" } }, /alarm lost: unknown key "prioritee"; did you mean "priority"/],
    [{ lost: { text: "x", priority: "urgent" } }, /alarm lost: priority is one of low, medium, high, critical/],
    [{ lost: { text: "x", after: 5 } }, /alarm lost: "5" is no time/],
    [{ "a b": { text: "x" } }, /alarm "a b": a name has letters/],
    [{ stopped: { text: "x" } }, /alarm stopped: takt raises this one by itself/],
  ];
  for (const [named, reason] of wrong) {
    it(`are refused where they make no sense: ${JSON.stringify(named)}`, () => {
      assert.throws(() => program({ alarms: named as never }, () => undefined), reason);
    });
  }
});

describe("what a program may take and keep", () => {
  it("is told to take too long when it begins to, and that it is over", async () => {
    let slow = false;
    const rig = await rigOf(
      () => {
        if (slow) rig.taken = ms(rig.taken + 3);
      },
      { budget: ms(2) },
    );
    slow = true;
    await rig.run("1s");
    slow = false;
    await rig.run("3s");
    assert.deepEqual(rig.told.slice(1), [
      "warn program.overBudget program=test budget=2 runs=1 longest=3",
      "info program.withinBudget program=test budget=2 runs=50 longest=3",
    ]);
  });

  it("gets back what was kept, where it is of the same kind", async () => {
    const seen: unknown[] = [];
    const kept = { boxes: 41, list: "no list any more", gone: 1 };
    const body = program<Io, { boxes: number; list: readonly number[] }>(
      { retain: { boxes: 0, list: [] } },
      ({ retain }) => void seen.push([retain.boxes, retain.list]),
    );
    await rigOf(
      body as never,
      {},
      { retained: { load: (name: string) => (name === "test" ? kept : undefined), changed: () => undefined } },
    );
    assert.deepEqual(seen[0], [41, []]);
  });

  it("hands out what changed, and freezes it", async () => {
    const kept: RetainedRecord[] = [];
    let cycle = 0;
    const body = program<Io, { list: readonly number[]; idle: number }>(
      { retain: { list: [], idle: 0 } },
      ({ retain }) => {
        cycle++;
        if (cycle <= 2) retain.list = [...retain.list, cycle];
        retain.idle = 0;
        if (cycle === 3) (retain.list as number[]).push(3);
      },
    );
    const retained = { load: () => undefined, changed: (_: string, values: RetainedRecord) => void kept.push(values) };
    const rig = await rigOf(body as never, {}, { retained });
    assert.deepEqual(kept, [{ list: [1] }, { list: [1, 2] }]);
    assert.match(rig.told.join("\n"), /program\.stopped .*not extensible/);
  });

  it("does not flood the log", async () => {
    const rig = await rigOf(({ log }) => log.info("again"));
    await rig.run("2s");
    const lines = rig.told.filter((line) => line.includes("again"));
    assert.ok(lines.length <= 30, String(lines.length));
    assert.ok(lines.some((line) => / dropped=\d+$/.test(line)));
  });
});
