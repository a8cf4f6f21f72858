import assert from "node:assert/strict";
import fc from "fast-check";
import { instant, type Instant, ms, plus } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { gridPoint, nextCycle } from "../../../src/scan/cycle/pace.ts";
import { lastStretch, NO_LAST_STRETCH, Pacemaker } from "../../../src/scan/cycle/pacemaker.ts";

const GRID = { start: instant(1000), period: ms(20) };

/** A clock that can be held up: what a busy thread does to timers. */
class BusyClock extends VirtualClock {
  #extra = 0;

  override now(): Instant {
    return plus(super.now(), ms(this.#extra));
  }

  /** The thread is busy for so long: no timer fires meanwhile. */
  stall(span: number): void {
    this.#extra += span;
  }
}

describe("the last stretch before a cycle", () => {
  for (const [period, length] of [
    [1, 0.1],
    [5, 0.5],
    [10, 1],
    [15, 1.5],
    [20, 1.5],
    [1000, 1.5],
  ] as const) {
    it(`blocks the thread for at most ${length} ms of ${period}`, () =>
      assert.equal(lastStretch(ms(period), () => undefined).length, length));
  }
});

describe("the pace", () => {
  for (const [last, now, next] of [
    [-1, 0, 0],
    [-1, 1000, 0],
    [0, 1000, 1],
    [0, 1019, 1],
    [0, 1021, 1],
    [0, 1022.5, 2],
    [0, 1039, 2],
    [0, 1100, 5],
    [0, 1103, 6],
    [5, 1000, 6],
  ] as const) {
    it(`goes on from cycle ${last} at ${now} with cycle ${next}`, () =>
      assert.equal(nextCycle(GRID, last, instant(now)), next));
  }

  it("never comes to a point twice, and never to one that is long past", () => {
    const periods = fc.constantFrom(1, 2.5, 10, 20, 33.3);
    fc.assert(
      fc.property(
        periods,
        fc.integer({ min: -1, max: 1e6 }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        (period, last, now) => {
          const grid = { start: instant(123.4), period: ms(period) };
          const next = nextCycle(grid, last, instant(now));
          assert.ok(next > last);
          if (next > last + 1) assert.ok(gridPoint(grid, next) >= now - period * 0.1 - 1e-6);
        },
      ),
    );
  });
});

describe("the pacemaker", () => {
  async function run(
    stalls: readonly number[],
    period: number,
  ): Promise<readonly { cycle: number; lateness: number; skipped: number; at: number }[]> {
    const clock = new BusyClock();
    const turns: { cycle: number; lateness: number; skipped: number; at: number }[] = [];
    const pacemaker = new Pacemaker({
      clock,
      period: ms(period),
      lastStretch: NO_LAST_STRETCH,
      run: (turn) => {
        turns.push({ ...turn, at: clock.now() });
        clock.stall(stalls[turns.length - 1] ?? 0);
      },
    });
    pacemaker.start();
    await clock.advance(ms(period * (stalls.length + 5)));
    pacemaker.stop();
    assert.deepEqual(clock.pending, []);
    return turns;
  }

  it("runs on the grid, whatever the cycles take", async () => {
    const turns = await run([3, 8, 0, 12, 5], 20);
    assert.ok(turns.length >= 9);
    assert.ok(turns.every(({ at }, index) => at === 20 * (index + 1)));
    assert.ok(turns.every(({ lateness, skipped }) => lateness === 0 && skipped === 0));
  });

  it("counts the points a long cycle passed over", async () => {
    const turns = await run([50], 20);
    assert.deepEqual(
      turns.slice(0, 3).map(({ cycle, skipped, at }) => [cycle, skipped, at]),
      [
        [0, 0, 20],
        [3, 2, 80],
        [4, 0, 100],
      ],
    );
  });

  it("is never early, never more than a period late, and loses no point of the grid", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 90, noNaN: true }), { maxLength: 30 }),
        fc.constantFrom(7.3, 20, 33.3),
        async (stalls, period) => {
          const turns = await run(stalls, period);
          let last = -1;
          for (const { cycle, lateness, skipped, at } of turns) {
            assert.equal(cycle, last + 1 + skipped);
            assert.ok(lateness > -1e-6 && lateness < period, `late by ${lateness}`);
            assert.ok(Math.abs(at - lateness - period * (cycle + 1)) < 1e-6);
            last = cycle;
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("serves the newest point at once when its timer comes late, and does not wait for it on the thread", async () => {
    const clock = new BusyClock();
    const waits: number[] = [];
    const turns: { cycle: number; lateness: number }[] = [];
    const lastStretch = { length: ms(1.5), wait: (due: Instant) => waits.push(due - clock.now()) };
    const pacemaker = new Pacemaker({ clock, period: ms(20), lastStretch, run: (turn) => turns.push(turn) });
    pacemaker.start();
    clock.stall(53);
    await clock.advance(ms(19));
    pacemaker.stop();
    assert.equal(turns[0]?.cycle, 2);
    assert.ok(
      waits.every((wait) => wait <= 1.5),
      waits.join(" "),
    );
  });
});
