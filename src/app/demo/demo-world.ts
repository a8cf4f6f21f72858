import { simulatePlant } from "../../../simulators/plant-simulation.ts";
import { formatIssues } from "../../config/config-issue.ts";
import { loadPlant } from "../../config/load-plant.ts";
import { silentLogger } from "../../kit/logger.ts";
import { systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { embeddedBroker } from "./embedded-broker.ts";

/** What the world tells the demo that started it. */
export type WorldMessage =
  | { readonly kind: "ready"; readonly brokerPort: number }
  | { readonly kind: "failed"; readonly reason: string };

const PREFERRED_BROKER_PORT = 18_883;

/**
 * The demo's other side: the embedded broker and the simulated plant, in a process of their own so that they do not
 * disturb the cycle they are there to show. Lives until the process that started it lets go of its channel; SIGINT, which a
 * terminal sends to everybody, is left to the master, whose last writes still have to be answered.
 */
export async function demoWorld(plantFile: string): Promise<ExitCode> {
  process.on("SIGINT", () => undefined);
  const released = new Promise<void>((resolve) => process.once("disconnect", resolve));
  const plant = loadPlant(plantFile);
  if (!plant.ok) return failed(formatIssues(plant.failure));
  const { lines, devices } = plant.value;
  try {
    const simulation = await simulatePlant({
      lines: lines.values(),
      devices: devices.values(),
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    });
    const broker = await embeddedBroker(PREFERRED_BROKER_PORT);
    tell({ kind: "ready", brokerPort: broker.port });
    await released;
    await simulation.close();
    await broker.close();
    return EXIT.done;
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function failed(reason: string): ExitCode {
  tell({ kind: "failed", reason });
  if (process.connected) process.disconnect();
  return EXIT.failed;
}

function tell(message: WorldMessage): void {
  process.send?.(message);
}
