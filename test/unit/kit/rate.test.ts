import assert from "node:assert/strict";
import { parseRate } from "../../../src/kit/rate.ts";

describe("rates as people write them", () => {
  const readings: readonly [text: string, rate: number | undefined][] = [
    ["0.5/s", 0.5],
    ["30/min", 0.5],
    ["1800/h", 0.5],
    ["2/s", 2],
    ["0/s", 0],
    ["0.5", undefined],
    ["0.5 /s", undefined],
    ["0.5/ms", undefined],
    ["-1/s", undefined],
    ["/s", undefined],
  ];
  for (const [text, rate] of readings) it(`${text} is ${rate ?? "none"}`, () => assert.equal(parseRate(text), rate));
});
