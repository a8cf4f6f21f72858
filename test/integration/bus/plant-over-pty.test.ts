import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import { peer } from "../../support/processes/peers.ts";
import { playPlant } from "../../support/plant-run/play-plant.ts";

describe("ten slaves on one wire over a pseudo-terminal", () => {
  before(peer("socat"));

  it("give no wrong good value and one outcome for every command, in real time with serialport", async () => {
    const { broken, judged, totals, outcomes } = await playPlant(1, ms(4000), "serialport");
    assert.deepEqual(broken, []);
    const told = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    assert.ok(judged > 500 && totals.answers > 100 && told > 0, `${judged} values, ${told} commands`);
  });
});
