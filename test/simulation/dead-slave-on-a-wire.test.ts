import assert from "node:assert/strict";
import { ms } from "../../src/kit/time.ts";
import { WireBench } from "../support/serial/wire-bench.ts";

const UNITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const LIVING = UNITS.slice(0, 9);
const DEAD = 10;
const TIMEOUT = ms(150);
const MINUTE = ms(60_000);

interface Heard {
  /** When each living unit was asked. */
  readonly refreshed: ReadonlyMap<number, readonly number[]>;
  /** When the dead one was asked. */
  readonly probes: readonly number[];
  readonly status: string | undefined;
}

/** What the master asks in a minute, after one in which a dead slave is given up. */
async function minute(dead: boolean): Promise<Heard> {
  const bench = new WireBench({ units: UNITS, responseTimeout: TIMEOUT });
  if (dead) bench.faults.add({ kind: "lost", unit: DEAD });
  await bench.run(ms(2 * MINUTE));
  const status = bench.status(DEAD);
  await bench.close();
  const late = (unit: number): readonly number[] => bench.asked(unit).filter((at) => at >= MINUTE);
  return { refreshed: new Map(LIVING.map((unit) => [unit, late(unit)])), probes: late(DEAD), status };
}

function intervals(times: readonly number[]): readonly (readonly [from: number, to: number])[] {
  return times.slice(1).map((to, index) => [times[index] ?? 0, to]);
}

describe("one dead slave among ten on a paced wire", () => {
  it("costs the other nine nothing but its probes", async () => {
    const [whole, hurt] = [await minute(false), await minute(true)];
    assert.deepEqual([whole.status, hurt.status], ["online", "offline"]);
    assert.ok(hurt.probes.length >= 1 && hurt.probes.length <= 5, `${hurt.probes.length} probes in a minute`);
    // The wire is silent for the timeout, the answer's own time and what is waited after it; then it catches up.
    const probe = TIMEOUT + 30;
    for (const unit of LIVING) {
      const [before, after] = [intervals(whole.refreshed.get(unit) ?? []), intervals(hurt.refreshed.get(unit) ?? [])];
      const usual = Math.max(...before.map(([from, to]) => to - from));
      assert.ok(usual <= 1060, `unit ${unit}: ${usual} ms without the dead one`);
      assert.ok(Math.abs(after.length - before.length) <= 1, `unit ${unit}: ${after.length} of ${before.length} reads`);
      for (const [from, to] of after) {
        if (to - from <= usual + 1) continue;
        assert.ok(to - from <= usual + probe, `unit ${unit}: ${to - from} ms`);
        assert.ok(
          hurt.probes.some((at) => at > from && at < to),
          `unit ${unit} waited ${to - from} ms at ${to} without a probe`,
        );
      }
    }
  });
});
