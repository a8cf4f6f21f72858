import assert from "node:assert/strict";
import fc from "fast-check";
import { fullJitter } from "../../../src/kit/backoff.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { ms } from "../../../src/kit/time.ts";

const limits = { first: ms(100), most: ms(3000) };

describe("full jitter", () => {
  it("doubles its ceiling with every attempt, up to the most", () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => fullJitter(attempt, limits, () => 1));
    assert.deepEqual(ceilings, [100, 200, 400, 800, 1600, 3000, 3000, 3000]);
  });

  it("never returns at once", () => {
    assert.equal(
      fullJitter(1, limits, () => 0),
      10,
    );
  });

  it("stays between a tenth of the first pause and the most, whatever chance says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), (attempt, seed) => {
        const pause = fullJitter(attempt, limits, seededRandom(seed));
        assert(pause >= 10 && pause <= 3000, `${pause}`);
      }),
    );
  });
});

describe("seeded random", () => {
  it("gives the same sequence for the same seed, on every machine", () => {
    const random = seededRandom(42);
    assert.deepEqual([random(), random(), random()], [0.6011037519201636, 0.44829055899754167, 0.8524657934904099]);
  });

  it("spreads evenly over 0 to 1", () => {
    const random = seededRandom(7);
    const buckets = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw++) {
      const index = Math.floor(random() * 10);
      buckets[index] = (buckets[index] ?? Number.NaN) + 1;
    }
    assert(buckets.length === 10 && buckets.every((count) => Math.abs(count - 1000) < 150), buckets.join(" "));
  });
});
