import assert from "node:assert/strict";
import type { Quality, Reason, Value } from "../../../src/device/quality.ts";
import type { ReportRule } from "../../../src/device/tag.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import { judgeReport, type ReportVerdict } from "../../../src/mqtt/report.ts";

const sample = (value: Value | null, quality: Quality = "good", reason: Reason = "ok") =>
  ({ tag: 0, value, quality, reason, sourceTime: instant(0) }) as const;

const rule = (deadband: number, minInterval = 0, maxInterval?: number): ReportRule => ({
  deadband,
  minInterval: ms(minInterval),
  maxInterval: maxInterval === undefined ? undefined : ms(maxInterval),
});

type Case = readonly [
  title: string,
  rule: ReportRule,
  last: ReturnType<typeof sample>,
  next: ReturnType<typeof sample>,
  silentFor: number,
  verdict: ReportVerdict,
];

const CASES: readonly Case[] = [
  ["the same value is not told", rule(0), sample(1), sample(1), 1e6, "no"],
  ["any change is told without a deadband", rule(0), sample(1), sample(1.001), 0, "now"],
  ["a change up to the deadband is not told", rule(0.5), sample(1), sample(1.5), 0, "no"],
  ["a change beyond the deadband is told", rule(0.5), sample(1), sample(0.4), 0, "now"],
  ["booleans have no deadband", rule(10), sample(true), sample(false), 0, "now"],
  ["texts have no deadband", rule(10), sample("a"), sample("b"), 0, "now"],
  ["64-bit integers differ by one exactly", rule(0), sample(2n ** 60n), sample(2n ** 60n + 1n), 0, "now"],
  ["64-bit integers keep to the deadband", rule(5), sample(2n ** 60n), sample(2n ** 60n + 5n), 0, "no"],
  ["an array is told when one element changes", rule(0.5), sample([1, 2]), sample([1, 3]), 0, "now"],
  ["an array within the deadband is not told", rule(2), sample([1, 2]), sample([1, 3]), 0, "no"],
  ["a change within the minimum interval waits", rule(0, 1000), sample(1), sample(2), 999, "later"],
  ["a change after the minimum interval is told", rule(0, 1000), sample(1), sample(2), 1000, "now"],
  ["back at the old value, nothing is left to tell", rule(0, 1000), sample(1), sample(1), 500, "no"],
  ["quality waits for no interval", rule(5, 1000), sample(1), sample(1, "stale", "old"), 0, "now"],
  [
    "another reason is a change of quality",
    rule(0),
    sample(null, "bad", "offline"),
    sample(null, "bad", "disabled"),
    0,
    "now",
  ],
  ["the maximum interval tells what has not changed", rule(0, 0, 5000), sample(1), sample(1), 5000, "now"],
  ["before it, nothing", rule(0, 0, 5000), sample(1), sample(1), 4999, "no"],
];

describe("report by exception", () => {
  for (const [title, reportRule, last, next, silentFor, verdict] of CASES) {
    it(title, () => {
      const at = instant(1000);
      assert.equal(judgeReport(reportRule, { sample: last, at }, next, instant(1000 + silentFor)), verdict);
    });
  }

  it("tells what was never told", () => {
    assert.equal(judgeReport(rule(1e9, 1e9), undefined, sample(0), instant(0)), "now");
  });
});
