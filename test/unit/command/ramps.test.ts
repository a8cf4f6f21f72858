import assert from "node:assert/strict";
import fc from "fast-check";
import { perSecond } from "../../../src/kit/rate.ts";
import { instant, ms, plus } from "../../../src/kit/time.ts";
import { alongRamp } from "../../../src/scan/outputs/ramp.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { level, plantLike, time } from "../../support/plants/scan-plant.ts";

const RATE = perSecond(0.5);

async function benchOf(onReturn: "safe" | "reassert" = "safe"): Promise<ScanBench> {
  const write = level({ range: { min: 0, max: 2 }, ramp: RATE, safe: { value: 0 }, onReturn });
  const bench = new ScanBench(plantLike({ belt: { tags: { speed: { scanClass: "fast", scale: 0.01, write } } } }));
  await bench.run("200ms");
  return bench;
}

/** What the slave was given, in engineering units, from the first write on. */
const written = (bench: ScanBench) =>
  bench
    .unit()
    .history("holding", 0)
    .map(({ at, value }) => ({ at, value: value / 100 }));

/** Between two writes the value moved no faster than the ramp, a write's own time and a grain apart, but to its safe value. */
function assertOnRamp(bench: ScanBench, from = 0): void {
  let last = { at: instant(0), value: from };
  for (const now of written(bench)) {
    const most = (RATE * (now.at - last.at + 45)) / 1000 + 0.0101;
    const moved = Math.abs(now.value - last.value);
    assert.ok(now.value === 0 || moved <= most, `${last.value} to ${now.value} in ${now.at - last.at} ms`);
    last = now;
  }
}

describe("a level with a ramp", () => {
  it("moves along it and is verified where it was wanted", async () => {
    const bench = await benchOf();
    const asked = bench.now;
    const result = await bench.outcome(bench.set("belt", { speed: 1 }));
    assert.deepEqual([result.outcome, result.results["speed"]?.sent], ["verified", 1]);
    const values = written(bench);
    assert.ok(values.length >= 10, `${values.length} steps`);
    assertOnRamp(bench);
    const took = bench.now - asked;
    assert.ok(took >= 2000 && took < 3000, `took ${took}`);
    await bench.run("2s");
    assert.equal(written(bench).length, values.length);
  });

  it("is never written faster than its ramp, whatever is asked", async () => {
    const asks = fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 1500 })), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(asks, async (list) => {
        const bench = await benchOf();
        for (const [hundredths, pause] of list) {
          bench.set("belt", { speed: hundredths / 100 });
          await bench.run(`${pause}ms`);
        }
        await bench.run("6s");
        assertOnRamp(bench);
        const wanted = list.at(-1)?.[0];
        if (wanted !== undefined) assert.equal(bench.unit().get("holding", 0), wanted);
        assert.equal(bench.activeCommands, 0);
      }),
      { numRuns: 15 },
    );
  });

  it("is stopped at once by its safe value, and goes on from there", async () => {
    const bench = await benchOf();
    const first = bench.set("belt", { speed: 2 });
    await bench.run("1s");
    const result = await bench.outcome(bench.set("belt", { speed: 0 }));
    assert.equal(result.outcome, "verified");
    assert.ok(result.took < 100, `took ${result.took}`);
    assert.equal(bench.unit().get("holding", 0), 0);
    const cut = await bench.outcome(first);
    assert.equal(cut.outcome, "failed");
    assert.match(cut.reason ?? "", /a newer value is wanted; its ramp had come to 0\.4/);
    await bench.run("3s");
    assert.equal(bench.unit().get("holding", 0), 0);
  });

  it("begins at the stop that is just under way, not at what was read before it", async () => {
    const bench = await benchOf();
    await bench.outcome(bench.set("belt", { speed: 1 }));
    await bench.run("200ms");
    bench.set("belt", { speed: 0 });
    await bench.run("1ms");
    bench.set("belt", { speed: 1 });
    const from = written(bench).length;
    await bench.run("500ms");
    assert.ok(
      written(bench)
        .slice(from)
        .every(({ value }) => value < 0.3),
    );
  });

  it("goes to its safe state at once at the end of the master", async () => {
    const bench = await benchOf();
    const id = bench.set("belt", { speed: 2 });
    await bench.run("1s");
    const unconfirmed = bench.engine.outputs.enterSafeState(plus(bench.now, ms(1000)));
    await bench.run("100ms");
    assert.deepEqual(unconfirmed(), []);
    assert.equal(bench.unit().get("holding", 0), 0);
    assert.equal((await bench.outcome(id)).outcome, "failed");
    assert.equal(bench.engine.outputs.pending, 0);
  });

  it("is corrected along it when its slave shows another value", async () => {
    const bench = await benchOf();
    await bench.outcome(bench.set("belt", { speed: 1 }));
    bench.unit().set("holding", 0, 150);
    const from = written(bench).length;
    await bench.run("2s");
    const back = written(bench).slice(from);
    assert.ok(back.length >= 5, `${back.length} steps`);
    assert.equal(bench.unit().get("holding", 0), 100);
    assertOnRamp(
      { unit: () => ({ history: () => back.map(({ at, value }) => ({ at, value: value * 100 })) }) } as never,
      1.5,
    );
  });

  it("is brought back along it after its device was away, where its profile says reassert", async () => {
    const bench = await benchOf("reassert");
    await bench.outcome(bench.set("belt", { speed: 1 }));
    bench.unit().silent = true;
    await bench.run("2s");
    bench.unit().set("holding", 0, 0);
    const from = written(bench).length;
    bench.unit().silent = false;
    await bench.run("10s");
    const back = written(bench).slice(from);
    assert.ok(back.length >= 10, `${back.length} steps`);
    assert.equal(bench.unit().get("holding", 0), 100);
  });

  it("ends where it is when its device leaves", async () => {
    const bench = await benchOf();
    const id = bench.set("belt", { speed: 2 });
    await bench.run("1s");
    bench.engine.setService("belt", false);
    const result = await bench.outcome(id);
    assert.notEqual(result.outcome, "verified");
    const before = bench.line().writes().length;
    await bench.run("3s");
    assert.equal(bench.line().writes().length, before);
  });

  it("is refused on the way with the exception of its slave", async () => {
    const bench = await benchOf();
    const id = bench.set("belt", { speed: 2 }, { ttl: time("1s") });
    await bench.run("1s");
    bench.unit().writeException = 3;
    const { outcome, reason } = await bench.outcome(id);
    assert.equal(outcome, "refused");
    assert.match(reason ?? "", /illegal data value; on its ramp, at 0\./);
  });
});

describe("a step along a ramp", () => {
  it("is never faster than the rate, never passes its end, and stays on the registers' grid", () => {
    const value = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(
        value,
        value,
        fc.integer({ min: 0, max: 5000 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (from, to, elapsed, rate) => {
          const next = alongRamp({ from, to, elapsed: ms(elapsed), rate: perSecond(rate), grain: 1 });
          assert.ok(Math.abs(next - from) <= (rate * elapsed) / 1000 + 1e-6);
          assert.ok(next >= Math.min(from, to) && next <= Math.max(from, to));
          assert.ok(Number.isInteger(next));
        },
      ),
    );
  });
});
