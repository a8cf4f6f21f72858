import assert from "node:assert/strict";
import { simulateJobs } from "../support/jobs/job-simulation.ts";
import { share } from "../support/mocha/soak.ts";

describe("the demo cell with two arms, killed and revived at random, and a master that is killed too", () => {
  for (let seed = 1; seed <= share(3); seed++) {
    it(`pick every box once, lose none, and account for every job (seed ${seed})`, async function () {
      this.timeout(60_000 + share(12) * 10_000);
      const report = await simulateJobs({ seed, boxes: share(12), armKills: 20, masterKills: 8, losses: 0.005 });
      assert.deepEqual(report.broken, [], JSON.stringify(report));
      assert.ok(report.armKills > 0 && report.masterKills > 0, "nothing was killed");
      assert.equal(report.delivered + report.dropped, share(12));
    });
  }

  it("sort all boxes by themselves where nothing goes wrong", async function () {
    this.timeout(60_000);
    const report = await simulateJobs({ seed: 7, boxes: 10, armKills: Infinity, masterKills: Infinity, losses: 0 });
    assert.deepEqual([report.broken, report.done, report.quarantined, report.retried], [[], 10, 0, 0]);
  });

  it("give the same report for the same seed", async function () {
    this.timeout(60_000);
    const options = { seed: 11, boxes: 5, armKills: 15, masterKills: 5, losses: 0.01 };
    assert.deepEqual(await simulateJobs(options), await simulateJobs(options));
  });
});
