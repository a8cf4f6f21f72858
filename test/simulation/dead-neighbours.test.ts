import assert from "node:assert/strict";
import { ms } from "../../src/kit/time.ts";
import { ScanBench } from "../support/scan/scan-bench.ts";
import { type DeviceSketch, plantLike } from "../support/plants/scan-plant.ts";

const TIMEOUT = ms(500);
const UNIT: DeviceSketch = { timing: { responseTimeout: TIMEOUT }, tags: { a: { address: 0, scanClass: "fast" } } };

/** A line with unit 1, which lives, and so many that die, units 2 and on; all are read every 20 ms and answer in 1 ms. */
class Neighbours {
  readonly bench: ScanBench;
  readonly #mortal: readonly number[];

  constructor(dead: number, window: number) {
    this.#mortal = Array.from({ length: dead }, (_, index) => index + 2);
    const units = [1, ...this.#mortal].map((unit) => [`d${unit}`, { ...UNIT, unit }] as const);
    this.bench = new ScanBench(plantLike(Object.fromEntries(units)), { window });
    for (const unit of [1, ...this.#mortal]) this.bench.unit(unit).latency = ms(1);
  }

  silence(silent: boolean, units = this.#mortal): void {
    for (const unit of units) this.bench.unit(unit).silent = silent;
  }

  are(status: string): boolean {
    return this.#mortal.every((unit) => this.bench.status(`d${unit}`) === status);
  }

  /** How long it takes until `done`, in milliseconds. */
  async until(done: () => boolean): Promise<number> {
    const from = this.bench.now;
    while (!done()) {
      assert.ok(this.bench.now - from < 300_000, "never");
      await this.bench.run("20ms");
    }
    return this.bench.now - from;
  }

  /** Share of the cycles of so many seconds in which the living unit's tag is not good. */
  async notGood(seconds: number): Promise<number> {
    let count = 0;
    for (let cycle = 0; cycle < seconds * 50; cycle++) {
      await this.bench.run("20ms");
      if (this.bench.sample("d1/a").quality !== "good") count++;
    }
    return count / (seconds * 50);
  }
}

/** Dead units, window; most that the living one may not be good when they die, and afterwards; longest until given up. */
const ROWS: readonly (readonly [number, number, number, number, number])[] = [
  [1, 1, 0.34, 1 / 11, 5],
  [5, 1, 0.6, 1 / 11, 20],
  [10, 1, 0.75, 1 / 11, 40],
  [1, 4, 0, 0, 5],
  [5, 4, 0.06, 0, 8],
  [10, 4, 0.16, 0, 15],
  [10, 16, 0, 0, 13],
];

describe("a unit that answers", () => {
  for (const [dead, window, dying, afterwards, seconds] of ROWS) {
    it(`keeps its line beside ${dead} dead, window ${window}`, async () => {
      const line = new Neighbours(dead, window);
      await line.bench.run("2s");
      line.silence(true);
      const died = line.bench.now;
      const worst = await line.notGood(10);
      assert.ok(worst <= dying, `${worst} of the first ten seconds`);
      await line.until(() => line.are("offline"));
      const givenUp = line.bench.sink.statuses.at(-1)?.since ?? Number.NaN;
      assert.ok(givenUp - died <= seconds * 1000, `given up after ${givenUp - died} ms`);
      const share = await line.notGood(120);
      assert.ok(share <= afterwards, `${share} of two minutes`);
    });
  }
});

describe("a unit that is back", () => {
  for (const dead of [1, 5, 10]) {
    it(`is noticed when its turn among ${dead} comes, and brings its peers with it`, async () => {
      const line = new Neighbours(dead, 1);
      await line.bench.run("2s");
      line.silence(true);
      await line.until(() => line.are("offline"));
      line.silence(false, [2]);
      const noticed = await line.until(() => line.bench.status("d2") === "online");
      assert.ok(noticed <= dead * 11 * TIMEOUT + 100, `after ${noticed} ms`);
      line.silence(true);
      await line.bench.run("120s");
      line.silence(false);
      await line.until(() => line.bench.status("d2") === "online");
      const rest = await line.until(() => line.are("online"));
      assert.ok(rest <= dead * 100, `peers ${rest} ms later`);
    });
  }
});

describe("a line whose units all fall silent", () => {
  it("stops its table, probes one unit at a time, and is whole again soon after the first answer", async () => {
    const line = new Neighbours(5, 4);
    const asked: { readonly unit: number; readonly at: number }[] = [];
    await line.bench.run("2s");
    line.silence(true, [1, 2, 3, 4, 5, 6]);
    for (const unit of [1, 2, 3, 4, 5, 6]) {
      line.bench.unit(unit).fate = () => {
        asked.push({ unit, at: line.bench.now });
        return "lost";
      };
      line.bench.unit(unit).silent = false;
    }
    await line.bench.run("10s");
    const atOnce = asked.filter(({ at }) => at < (asked[0]?.at ?? 0) + TIMEOUT).length;
    assert.ok(atOnce <= 4, `${atOnce} before the first timeout`);
    const probes = asked.slice(atOnce);
    const gaps = probes.slice(1).map(({ at }, index) => at - (probes[index]?.at ?? 0));
    assert.ok(gaps.length > 10 && gaps.every((gap) => gap >= TIMEOUT), gaps.join(" "));
    assert.deepEqual(new Set(probes.slice(0, 2).map(({ unit }) => unit)).size, 2);
    for (const unit of [1, 2, 3, 4, 5, 6]) line.bench.unit(unit).fate = () => "delivered";
    const back = await line.until(() => line.are("online") && line.bench.status("d1") === "online");
    assert.ok(back <= 2000, `whole after ${back} ms`);
  });
});
