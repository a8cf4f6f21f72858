import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import { type ClockWatch, lookAtClock } from "../../../src/mqtt/clock-watch.ts";

describe("a step of the wall clock", () => {
  const cases: readonly [what: string, offsets: readonly number[], steps: readonly (number | undefined)[]][] = [
    [
      "forward is told once, at the second look",
      [1000, 3_601_000, 3_601_000, 3_601_000],
      [undefined, undefined, 3_600_000, undefined],
    ],
    ["back too", [1000, 400, 400, 400], [undefined, undefined, -600, undefined]],
    ["is none where one look says so and the next does not", [1000, 5000, 1000, 5000, 1000], Array(5).fill(undefined)],
    ["is none where it is adjusted smoothly", [1000, 1400, 1800, 2200, 2600], Array(5).fill(undefined)],
  ];
  for (const [what, offsets, steps] of cases) {
    it(what, () => {
      let watch: ClockWatch = { offset: ms(1000), suspected: false };
      const told = offsets.map((offset) => {
        const looked = lookAtClock(watch, ms(offset));
        watch = looked.watch;
        return looked.by;
      });
      assert.deepEqual(told, steps);
    });
  }
});
