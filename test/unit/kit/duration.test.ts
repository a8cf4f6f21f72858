import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../../src/kit/duration.ts";
import { ms } from "../../../src/kit/time.ts";

describe("durations as people write them", () => {
  const readings: readonly [text: string, span: number | undefined][] = [
    ["20ms", 20],
    ["250us", 0.25],
    ["1.5s", 1500],
    ["1.005s", 1005],
    ["10min", 600_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["0s", 0],
    ["20", undefined],
    ["20 ms", undefined],
    ["ms", undefined],
    [".5s", undefined],
    ["1.s", undefined],
    ["-1s", undefined],
    ["1e3s", undefined],
    ["1m", undefined],
    ["20MS", undefined],
    ["1s ", undefined],
    ["", undefined],
    [`${"9".repeat(400)}s`, undefined],
  ];
  for (const [text, span] of readings) {
    it(`reads ${JSON.stringify(text.slice(0, 12))} as ${span === undefined ? "no duration" : `${span} ms`}`, () => {
      assert.equal(parseDuration(text), span);
    });
  }

  const writings: readonly [span: number, text: string][] = [
    [20, "20ms"],
    [0.25, "250us"],
    [0, "0ms"],
    [1500, "1.5s"],
    [1050, "1.05s"],
    [1001, "1001ms"],
    [61_000, "61s"],
    [120_000, "2min"],
    [90_000, "1.5min"],
    [86_400_000, "1d"],
    [90_000_000, "25h"],
    [0.1 + 0.2, "300us"],
    [33.333333, "33.33ms"],
    [-5, "-5ms"],
  ];
  for (const [span, text] of writings) {
    it(`writes ${span} ms as ${text}`, () => assert.equal(formatDuration(ms(span)), text));
  }

  it("reads back every whole number of milliseconds it writes", () => {
    fc.assert(fc.property(fc.nat(), (span) => assert.equal(parseDuration(formatDuration(ms(span))), span)));
  });
});
