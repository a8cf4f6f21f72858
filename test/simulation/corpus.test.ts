import assert from "node:assert/strict";
import { keptRuns, replay } from "../support/plant-run/corpus.ts";

describe("runs that once broke a promise", () => {
  for (const kept of keptRuns()) {
    const run = "life" in kept ? kept.life : kept.proof;
    it(`keep it: seed ${run.seed}, ${kept.found}`, async () => {
      assert.deepEqual((await replay(kept)).slice(0, 5), []);
    });
  }
});
