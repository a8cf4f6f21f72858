import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import { blockUntil, systemClock } from "../../../src/kit/system-clock.ts";
import { between, ms, plus } from "../../../src/kit/time.ts";

describe("system clock", () => {
  it("fires after the delay and never before it", async () => {
    for (const delay of [0, 0.3, 1, 2.7, 5]) {
      const start = systemClock.now();
      await new Promise<void>((resolve) => systemClock.after("test", ms(delay), resolve));
      assert(between(start, systemClock.now()) >= delay, `${between(start, systemClock.now())} of ${delay} ms`);
    }
  });

  it("does not fire what was cancelled", async () => {
    let fired = false;
    const timer = systemClock.after("victim", ms(1), () => (fired = true));
    timer.cancel();
    await new Promise<void>((resolve) => systemClock.after("later", ms(5), resolve));
    timer.cancel();
    assert.equal(fired, false);
  });

  it("waits out a delay that is too long for one timer of Node's", async () => {
    let fired = 0;
    const warnings: string[] = [];
    const listen = (warning: Error): unknown => warnings.push(warning.name);
    process.on("warning", listen);
    const timers = [
      systemClock.after("in a month", ms(30 * 86_400_000), () => fired++),
      systemClock.every("monthly", ms(30 * 86_400_000), () => fired++),
    ];
    await new Promise<void>((resolve) => systemClock.after("later", ms(10), resolve));
    for (const timer of timers) timer.cancel();
    process.off("warning", listen);
    assert.deepEqual([fired, warnings], [0, []]);
  });

  it("repeats until cancelled", async () => {
    let count = 0;
    await new Promise<void>((resolve) => {
      const timer = systemClock.every("tick", ms(1), () => {
        if (++count < 3) return;
        timer.cancel();
        resolve();
      });
    });
    await new Promise<void>((resolve) => systemClock.after("later", ms(5), resolve));
    assert.equal(count, 3);
  });

  it("counts on the same time line in every thread", async () => {
    const script = `
      const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
      require("node:worker_threads").parentPort.postMessage(offset + performance.now());`;
    const before = systemClock.now();
    const worker = new Worker(script, { eval: true });
    const theirs = await new Promise<number>((resolve) => worker.once("message", resolve));
    const after = systemClock.now();
    await worker.terminate();
    assert(theirs > before - 1 && theirs < after + 1, `${before} ${theirs} ${after}`);
  });

  it("blocks until the instant asked for, not at all where that has passed", () => {
    const due = plus(systemClock.now(), ms(3));
    blockUntil(due);
    assert(systemClock.now() >= due, `${between(due, systemClock.now())} ms`);
    blockUntil(plus(due, ms(-10_000)));
    assert(between(due, systemClock.now()) < 9000);
  });

  it("tells the time of day", () => {
    assert(Math.abs(systemClock.wall() - Date.now()) < 1000);
  });
});
