import assert from "node:assert/strict";
import fc from "fast-check";
import { DurationHistogram } from "../../../src/kit/histogram.ts";
import { ms } from "../../../src/kit/time.ts";

describe("duration histogram", () => {
  it("is all zeros before anything was recorded", () => {
    assert.deepEqual(new DurationHistogram().percentiles(), { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
  });

  it("gives the percentiles of what was recorded, to three digits", () => {
    const histogram = new DurationHistogram();
    for (let index = 1; index <= 1000; index++) histogram.record(ms(index / 10));
    const { count, p50, p90, p99, p999, max } = histogram.percentiles();
    assert.equal(count, 1000);
    for (const [found, exact] of [
      [p50, 50],
      [p90, 90],
      [p99, 99],
      [p999, 99.9],
      [max, 100],
    ] as const) {
      assert(Math.abs(found / exact - 1) <= 0.002, `${found} for ${exact}`);
    }
  });

  it("takes spans of nothing, below its range and beyond it", () => {
    const histogram = new DurationHistogram();
    for (const span of [0, -1, 0.0001, 1e12, Number.POSITIVE_INFINITY]) histogram.record(ms(span));
    const { count, p50, max } = histogram.percentiles();
    assert.equal(count, 5);
    assert(p50 <= 0.0011, `${p50}`);
    assert(Math.abs(max / 600_000 - 1) <= 0.002, `${max}`);
  });

  it("keeps three digits from a microsecond to ten minutes", () => {
    fc.assert(
      fc.property(fc.double({ min: Math.log(0.001), max: Math.log(600_000), noNaN: true }), (logarithm) => {
        const span = Math.exp(logarithm);
        const histogram = new DurationHistogram();
        histogram.record(ms(span));
        const { p50 } = histogram.percentiles();
        assert(Math.abs(p50 - span) <= Math.max(0.001, span * 0.002), `${p50} for ${span}`);
      }),
      { numRuns: 50 },
    );
  });

  it("takes in what another holds, counted or only noted", () => {
    const [one, other, both] = [new DurationHistogram(), new DurationHistogram(), new DurationHistogram()];
    for (let index = 1; index <= 1000; index++) {
      (index % 3 === 0 ? one : other).record(ms(index));
      both.record(ms(index));
    }
    one.add(other);
    assert.deepEqual(one.percentiles(), both.percentiles());
  });

  it("forgets on reset", () => {
    const histogram = new DurationHistogram();
    histogram.record(ms(5));
    histogram.reset();
    assert.equal(histogram.percentiles().count, 0);
    assert.equal(histogram.percentiles().max, 0);
  });
});
