import { once } from "node:events";
import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import { formatIssues } from "../../config/config-issue.ts";
import { loadPlant } from "../../config/load-plant.ts";
import type { Plant } from "../../config/plant.ts";
import { type Logger, silentLogger } from "../../kit/logger.ts";
import { seededRandom, systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { simulationLines } from "../simulation-lines.ts";

export interface SimulateOptions {
  /** The same seed gives the same plant; without one it is another every time. */
  readonly seed?: number;
  /** Registers between tags are refused instead of being read as 0. */
  readonly strict?: boolean;
  readonly logger?: Logger;
}

/** `takt simulate`: serves the slaves of a plant until SIGINT or SIGTERM, and says where. */
export async function simulate(file: string, options: SimulateOptions, out: (text: string) => void): Promise<ExitCode> {
  if (options.seed !== undefined && !Number.isSafeInteger(options.seed)) {
    out("--seed takes a whole number");
    return EXIT.invalid;
  }
  const loaded = loadPlant(file);
  if (!loaded.ok) {
    out(formatIssues(loaded.failure));
    return EXIT.invalid;
  }
  try {
    const simulation = await start(loaded.value, options);
    out(endpoints(loaded.value, simulation));
    await toldToStop();
    await simulation.close();
    return EXIT.done;
  } catch (error) {
    out(error instanceof Error ? error.message : String(error));
    return EXIT.failed;
  }
}

function start(
  plant: Plant,
  { seed, strict = false, logger = silentLogger }: SimulateOptions,
): Promise<PlantSimulation> {
  return simulatePlant({
    lines: simulationLines(plant),
    devices: plant.devices.values(),
    clock: systemClock,
    random: seed === undefined ? systemRandom : seededRandom(seed),
    strict,
    logger,
  });
}

async function toldToStop(): Promise<void> {
  const told = new AbortController();
  const { signal } = told;
  try {
    await Promise.race([once(process, "SIGINT", { signal }), once(process, "SIGTERM", { signal })]);
  } finally {
    told.abort();
  }
}

function endpoints(plant: Plant, simulation: PlantSimulation): string {
  const rows = simulationLines(plant).map(({ name: line }) => {
    const { host, port } = simulation.address(line);
    const units = [...plant.devices.values()].filter((device) => device.line === line);
    const named = units.map(({ unit, name, profile }) => `${unit} ${name} (${profile.name})`);
    return `line ${line}   tcp://${host}:${port}   unit ${named.join(", ")}`;
  });
  return [`plant ${plant.name} is simulated; Ctrl-C ends it`, ...rows].join("\n");
}
