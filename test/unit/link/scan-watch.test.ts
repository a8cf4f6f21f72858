import assert from "node:assert/strict";
import { instant, ms } from "../../../src/kit/time.ts";
import { lookAtScan, startWatch, watchLimits, type WatchVerdict } from "../../../src/link/scan-watch.ts";

type Look = readonly [at: number, completed: number, verdict: WatchVerdict, used?: number];

const every100 = (from: number, to: number, completed: number, verdict: WatchVerdict): Look[] =>
  Array.from({ length: (to - from) / 100 + 1 }, (_, step) => [from + step * 100, completed, verdict]);

const CASES: readonly [title: string, looks: readonly Look[]][] = [
  [
    "cycles that complete are running",
    [
      [100, 5, "running"],
      [200, 10, "running"],
      [300, 15, "running"],
    ],
  ],
  ["a scan that never began is not watched", every100(100, 9000, 0, "running")],
  [
    "standing still for 500 ms is an alarm, once; at 2 s the process has to go",
    [...every100(100, 500, 7, "running"), [600, 7, "stalled"], ...every100(700, 2000, 7, "running"), [2100, 7, "kill"]],
  ],
  [
    "a scan that goes on after an alarm has resumed",
    [...every100(100, 500, 7, "running"), [600, 7, "stalled"], [700, 8, "resumed"], [800, 9, "running"]],
  ],
  ["a counter set back says that the scan stops in order", [[100, 7, "running"], ...every100(200, 9000, 0, "running")]],
  [
    "a counter that has wrapped below zero is watched all the same",
    [[100, -7, "running"], ...every100(200, 500, -7, "running"), [600, -7, "stalled"]],
  ],
  [
    "a watcher that slept blames nobody",
    [[100, 7, "running"], [60_000, 7, "running"], ...every100(60_100, 60_400, 7, "running"), [60_500, 7, "stalled"]],
  ],
  [
    "a watcher that a wild scan kept from the processor is not asleep",
    [
      [100, 7, "running", 80],
      [1050, 7, "stalled", 980],
      [2000, 7, "running", 1890],
      [2950, 7, "kill", 2790],
    ],
  ],
  [
    "nor is one that gets little of it; less than a quarter of the time is another one's doing",
    [
      [100, 7, "running", 80],
      [1100, 7, "stalled", 330],
      [2100, 7, "running", 579],
      [3100, 7, "running", 829],
    ],
  ],
  [
    "the same counter after a wrap is another counter",
    [
      [100, 2147483647, "running"],
      [400, 1, "running"],
      [700, 1, "running"],
    ],
  ],
];

describe("the watch over the scan", () => {
  const limits = watchLimits(ms(20), ms(2000));

  for (const [title, looks] of CASES) {
    it(title, () => {
      let watch = startWatch(instant(0));
      for (const [at, completed, expected, used = 0] of looks) {
        const looked = lookAtScan(watch, { completed, now: instant(at), used: ms(used) }, limits);
        assert.equal(looked.verdict, expected, `at ${at} ms`);
        watch = looked.watch;
      }
    });
  }

  for (const [period, stallTimeout, alarmAfter, killAfter] of [
    [20, 2000, 500, 2000],
    [100, 2000, 1000, 2000],
    [1000, 2000, 10_000, 10_000],
  ] as const) {
    it(`period ${period} ms: alarm after ${alarmAfter} ms, the end after ${killAfter} ms`, () => {
      assert.deepEqual(watchLimits(ms(period), ms(stallTimeout)), { alarmAfter, killAfter });
    });
  }
});
