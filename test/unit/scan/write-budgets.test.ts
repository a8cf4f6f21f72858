import assert from "node:assert/strict";
import fc from "fast-check";
import { instant, ms } from "../../../src/kit/time.ts";
import { WriteBudgets } from "../../../src/scan/outputs/write-budgets.ts";
import { level, plantLike, serialLine } from "../../support/plants/scan-plant.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";

const PERIOD = ms(20);

function budgets(window: number, frame: number, behind: number): WriteBudgets {
  return new WriteBudgets(new Map([["cell", { window: ms(window), frame, behind: ms(behind) }]]), PERIOD);
}

describe("the write budget of a line", () => {
  it("admits what fits its window, and the next frame's writes in the next frame", () => {
    const budget = budgets(30, 5, 10);
    budget.begin(0, instant(0));
    assert.ok(budget.admits("cell", ms(15), instant(0)));
    budget.spend("cell", ms(15), instant(0));
    budget.spend("cell", ms(15), instant(0));
    assert.ok(!budget.admits("cell", ms(15), instant(0)));
    budget.begin(4, instant(80));
    assert.ok(!budget.admits("cell", ms(15), instant(80)));
    budget.begin(5, instant(100));
    assert.ok(budget.admits("cell", ms(15), instant(100)));
  });

  it("knows no limit of a line that has no table", () => {
    assert.ok(budgets(30, 5, 10).admits("other", ms(1000), instant(0)));
  });

  it("never lets writes take more of a frame than its window, whenever they come", () => {
    const asked = fc.array(fc.record({ cycle: fc.nat(60), cost: fc.integer({ min: 1, max: 30 }), wait: fc.nat(25) }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(asked, fc.integer({ min: 30, max: 50 }), fc.integer({ min: 3, max: 8 }), (all, window, frame) => {
        const behind = 25;
        const budget = budgets(window, frame, behind);
        const used = new Map<number, number>();
        const span = frame * PERIOD;
        let free = 0;
        let sent = 0;
        for (let cycle = 0; cycle <= 60; cycle++) {
          const now = cycle * PERIOD;
          budget.begin(cycle, instant(now));
          for (const { cost, wait } of all.filter((each) => each.cycle === cycle)) {
            if (!budget.admits("cell", ms(cost), instant(now))) continue;
            budget.spend("cell", ms(cost), instant(now));
            sent++;
            const begin = Math.max(free, now + wait);
            free = begin + cost;
            for (let at = begin; at < free; at++) {
              const own = Math.floor(at / span);
              used.set(own, (used.get(own) ?? 0) + 1);
            }
          }
        }
        assert.ok(sent > 0 || all.length === 0);
        for (const time of used.values()) assert.ok(time <= window, `${time} ms of ${window}`);
      }),
    );
  });
});

describe("a burst of commands", () => {
  const outputs = Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [`out${at}`, { address: 100 + at, write: level({ safe: { value: 0 } }) }]),
  );

  /** One slave on a serial wire at 19,200 baud: room for one write in a frame. */
  function bench(): ScanBench {
    const plant = plantLike({ d: { tags: { a: { address: 0 }, ...outputs }, limits: { gap: 200 } } });
    return new ScanBench({ ...plant, lines: new Map([["cell", serialLine("cell", 19_200)]]) }, { window: 1 });
  }

  async function burst(value: number): Promise<{ readonly scan: ScanBench; readonly sent: readonly number[] }> {
    const scan = bench();
    await scan.run("1s");
    const before = scan.line().writes().length;
    const ids = Object.keys(outputs).map((name) => scan.set("d", { [name]: value }));
    for (const id of ids) assert.equal((await scan.outcome(id)).outcome, "verified");
    const sent = scan.line().writes().slice(before);
    return { scan, sent: sent.map(({ at }) => Math.floor(at / 100)) };
  }

  it("is spread over the frames as the plan reckons", async () => {
    const { sent } = await burst(7);
    assert.equal(sent.length, 10);
    const most = Math.max(...sent.map((frame) => sent.filter((other) => other === frame).length));
    assert.ok(most <= 2 && new Set(sent).size >= 5, `frames ${sent.join(" ")}`);
  });

  it("goes at once where it is a stop", async () => {
    const { sent } = await burst(0);
    assert.ok(new Set(sent).size <= 2, `frames ${sent.join(" ")}`);
  });
});
