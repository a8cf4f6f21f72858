import assert from "node:assert/strict";
import { preciseWait } from "../../../src/bus/rtu/wait-until.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms, plus } from "../../../src/kit/time.ts";

describe("the precise wait", () => {
  for (const span of [0, 1.75, 4.01, 9.5]) {
    it(`of ${span} ms is never too short`, async () => {
      const due = plus(systemClock.now(), ms(span));
      await new Promise<void>((resolve) => preciseWait(systemClock)("gap", due, resolve));
      assert.ok(systemClock.now() >= due);
    });
  }

  it("can be cancelled, as a timer and as a poll", async () => {
    for (const span of [0, 1.5, 10]) {
      let fired = false;
      preciseWait(systemClock)("gap", plus(systemClock.now(), ms(span)), () => (fired = true)).cancel();
      await new Promise<void>((resolve) => systemClock.after("test", ms(span + 3), resolve));
      assert.equal(fired, false);
    }
  });

  it("lets the rest of the thread go on", async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await new Promise<void>((resolve) => preciseWait(systemClock)("gap", plus(systemClock.now(), ms(2)), resolve));
    clearImmediate(next);
    assert.ok(turns > 1, `${turns} turns`);
  });
});
