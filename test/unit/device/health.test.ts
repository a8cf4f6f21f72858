import assert from "node:assert/strict";
import { type DeviceHealth, healthPolicy, nextHealth, ONLINE } from "../../../src/device/health.ts";
import { instant, ms } from "../../../src/kit/time.ts";

const FAST = healthPolicy(ms(100));
const SLOW = healthPolicy(ms(101));

function afterMisses(count: number, policy = FAST): DeviceHealth {
  let health = ONLINE;
  for (let miss = 0; miss < count; miss++) health = nextHealth(health, { kind: "missed", at: instant(1000) }, policy);
  return health;
}

describe("the health of a unit", () => {
  it("is suspect after a miss, and offline after three in a row", () => {
    assert.deepEqual(afterMisses(1), { state: "suspect", misses: 1 });
    assert.deepEqual(afterMisses(2), { state: "suspect", misses: 2 });
    assert.equal(afterMisses(3).state, "offline");
  });

  it("is restored by any answer", () => {
    for (const misses of [1, 2, 3, 9])
      assert.deepEqual(nextHealth(afterMisses(misses), { kind: "answered" }, FAST), ONLINE);
  });

  it("is probed at growing intervals, at most 5 s on lines with fast classes and 30 s on others", () => {
    const pauses = (policy: typeof FAST): readonly number[] =>
      [3, 4, 5, 6, 7, 8, 40].map((misses) => {
        const health = afterMisses(misses, policy);
        return health.state === "offline" ? health.probeAt - 1000 : NaN;
      });
    assert.deepEqual(pauses(FAST), [1000, 2000, 4000, 5000, 5000, 5000, 5000]);
    assert.deepEqual(pauses(SLOW), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });
});
