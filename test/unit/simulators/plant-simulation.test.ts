import assert from "node:assert/strict";
import { simulatePlant } from "../../../simulators/plant-simulation.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { demoPlant } from "../../support/slaves/simulated-cell.ts";

describe("the demo plant, simulated in virtual time", () => {
  it("moves with its clock, stands still where it is frozen, and leaves no timer", async () => {
    const clock = new VirtualClock();
    const plant = demoPlant();
    const simulation = await simulatePlant({
      lines: plant.lines.values(),
      devices: plant.devices.values(),
      clock,
      random: seededRandom(3),
      logger: silentLogger,
      portOverride: 0,
    });
    const travelled = (device: string): number => simulation.device(device).memory.number("travelled");
    await clock.advance(ms(2000));
    assert.ok(travelled("infeed") > 500);
    simulation.device("infeed").fault({ kind: "frozen" });
    const [infeed, outfeed] = [travelled("infeed"), travelled("outfeed")];
    await clock.advance(ms(1000));
    assert.equal(travelled("infeed"), infeed);
    assert.ok(travelled("outfeed") > outfeed);
    await simulation.close();
    assert.deepEqual(clock.pending, []);
  });
});
