import { simulatePlant } from "../../../simulators/plant-simulation.ts";
import { precisePacer } from "../../../simulators/serial/pacer.ts";
import { formatIssues } from "../../config/source/config-issue.ts";
import { loadPlant } from "../../config/plant/load-plant.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { silentLogger } from "../../kit/logger.ts";
import { systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { ms } from "../../kit/time.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { embeddedBroker } from "./embedded-broker.ts";

/** What the world tells the demo that started it. */
export type WorldMessage =
  | { readonly kind: "ready"; readonly brokerPort: number }
  | { readonly kind: "failed"; readonly reason: string; readonly code: ExitCode };

const PREFERRED_BROKER_PORT = 18_883;
const ORPHANED = ms(2500);

/**
 * The demo's other side: the embedded broker and the simulated plant, in a process of their own so that they do not
 * disturb the cycle they are there to show. Lives until it is told to end. When the process that started it vanishes, it
 * stays a little longer than a master needs to bring its outputs to their safe state.
 */
export async function demoWorld(plantFile: string): Promise<ExitCode> {
  const released = new Promise<void>((resolve) => {
    process.once("message", () => resolve());
    process.once("disconnect", () => systemClock.after("world", ORPHANED, resolve));
  });
  const plant = loadPlant(plantFile);
  if (!plant.ok) return failed(formatIssues(plant.failure), EXIT.invalid);
  try {
    const simulation = await simulatePlant({
      lines: plant.value.lines.values(),
      devices: plant.value.devices.values(),
      clock: systemClock,
      pacer: precisePacer(systemClock),
      random: systemRandom,
      logger: silentLogger,
    });
    const broker = await embeddedBroker(PREFERRED_BROKER_PORT);
    tell({ kind: "ready", brokerPort: broker.port });
    await released;
    await simulation.close();
    await broker.close();
    if (process.connected) process.disconnect();
    return EXIT.done;
  } catch (error) {
    return failed(errorMessage(error), EXIT.failed);
  }
}

function failed(reason: string, code: ExitCode): ExitCode {
  tell({ kind: "failed", reason, code });
  if (process.connected) process.disconnect();
  return code;
}

function tell(message: WorldMessage): void {
  process.send?.(message);
}
