import assert from "node:assert/strict";
import { commandHours } from "../support/scan/command-hours.ts";
import { share } from "../support/mocha/soak.ts";

describe("commands at random, among faults, under masters that are killed", () => {
  for (let seed = 1; seed <= share(20); seed++) {
    it(`keep every promise for a virtual hour (seed ${seed})`, async function () {
      this.timeout(120_000);
      const report = await commandHours({ seed, hours: 1 });
      assert.deepEqual(report.broken, [], `npm run sim:commands -- --seed ${seed}, trace ${report.hash}`);
      const { asked, pulses, kills, stops, trips, merged, outcomes } = report;
      assert.ok(asked > 1000 && pulses > 50 && kills + stops === 12 && trips > 0, JSON.stringify(report));
      // Every other seed has belts whose profile allows it.
      assert.ok(seed % 2 === 0 ? merged > 100 : merged === 0, `${merged} writes of several levels`);
      for (const outcome of ["verified", "acknowledged", "rejected", "failed", "unknown"] as const)
        assert.ok((outcomes[outcome] ?? 0) > 20, `${outcome}: ${outcomes[outcome] ?? 0} times`);
    });
  }

  it("end the same way for the same seed", async function () {
    this.timeout(60_000);
    const short = { seed: 99, hours: 0.2 };
    assert.deepEqual(await commandHours(short), await commandHours(short));
  });
});
