/** Child of cycle.ts: simulates the tenfold demo plant, prints the ports of its lines, and serves until killed. */
import { simulatePlant } from "../simulators/plant-simulation.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { seededRandom } from "../src/kit/random.ts";
import { systemClock } from "../src/kit/system-clock.ts";
import { tenfoldDemo } from "./loaded-plant.ts";

const { lines, devices } = tenfoldDemo();
const simulation = await simulatePlant({
  lines: lines.values(),
  devices: devices.values(),
  clock: systemClock,
  random: seededRandom(1),
  logger: silentLogger,
  portOverride: 0,
});
console.log([...lines.keys()].map((line) => simulation.address(line).port).join(" "));
