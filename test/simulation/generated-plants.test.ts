import assert from "node:assert/strict";
import { ms } from "../../src/kit/time.ts";
import { simulatePlant } from "../support/plant-run/simulate-plant.ts";
import { share } from "../support/soak.ts";

const SEEDS = share(8);
const MINUTES = 5;

describe("generated plants of every kind of line, with every fault of the catalogue", () => {
  it("give no wrong good value, no write without a permit, no pulse twice, and one outcome for every command", async () => {
    let judged = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = await simulatePlant({ seed, span: ms(MINUTES * 60_000) });
      const again = `npm run sim -- --seed ${seed} --hours ${MINUTES / 60}`;
      assert.deepEqual(report.broken.slice(0, 5), [], `seed ${seed}, trace ${report.hash}; ${again}`);
      judged += report.judged;
    }
    assert.ok(judged > 5000 * SEEDS, `${judged} values`);
  }).timeout(8000 * SEEDS);

  it("go the same way for the same seed", async () => {
    const [one, other] = await Promise.all([1, 1].map((seed) => simulatePlant({ seed, span: ms(60_000) })));
    assert.equal(one?.hash, other?.hash);
  });
});
