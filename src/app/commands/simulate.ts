import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { FaultConsole } from "../../../simulators/fault-console.ts";
import { type PlantSimulation, simulatePlant } from "../../../simulators/plant-simulation.ts";
import { precisePacer } from "../../../simulators/serial/pacer.ts";
import { formatIssues } from "../../config/source/config-issue.ts";
import { loadPlant } from "../../config/plant/load-plant.ts";
import type { Plant } from "../../config/plant/plant.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { type Logger, silentLogger } from "../../kit/logger.ts";
import { seededRandom, systemRandom } from "../../kit/random.ts";
import { systemClock } from "../../kit/system-clock.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";

export interface SimulateOptions {
  /** The same seed gives the same plant; without one it is another every time. */
  readonly seed?: number;
  /** Registers between tags are refused instead of being read as 0. */
  readonly strict?: boolean;
  /** Takes commands on standard input though it is no terminal. */
  readonly faults?: boolean;
  /** Turnarounds and faults of the lines come from this number; without one they are others every time. */
  readonly faultSeed?: number;
  /** Share of the transactions in which something goes wrong. */
  readonly faultRate?: number;
  readonly logger?: Logger;
}

/**
 * `takt simulate`: serves the slaves of a plant until SIGINT or SIGTERM, and says where. Faults are switched by commands
 * on standard input.
 */
export async function simulate(file: string, options: SimulateOptions, out: (text: string) => void): Promise<ExitCode> {
  const mistake = mistakeIn(options);
  if (mistake !== undefined) {
    out(mistake);
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
    const input = options.faults === true || process.stdin.isTTY ? takeCommands(simulation, out) : undefined;
    await toldToStop();
    input?.close();
    // A pipe that stays open would keep the process, closed reader or not.
    if (input) process.stdin.destroy();
    await simulation.close();
    return EXIT.done;
  } catch (error) {
    out(errorMessage(error));
    return EXIT.failed;
  }
}

function mistakeIn({ seed, faultSeed, faultRate }: SimulateOptions): string | undefined {
  if (seed !== undefined && !Number.isSafeInteger(seed)) return "--seed takes a whole number";
  if (faultSeed !== undefined && !Number.isSafeInteger(faultSeed)) return "--fault-seed takes a whole number";
  if (faultRate !== undefined && !(faultRate >= 0 && faultRate <= 1)) return "--fault-rate takes a number from 0 to 1";
  return undefined;
}

async function start(
  plant: Plant,
  { seed, strict = false, faultSeed = seed, faultRate = 0, logger = silentLogger }: SimulateOptions,
): Promise<PlantSimulation> {
  const simulation = await simulatePlant({
    lines: plant.lines.values(),
    devices: plant.devices.values(),
    clock: systemClock,
    pacer: precisePacer(systemClock),
    random: seed === undefined ? systemRandom : seededRandom(seed),
    lineSeed: faultSeed ?? Math.floor(systemRandom() * 2 ** 32),
    strict,
    logger,
  });
  if (faultRate > 0) for (const line of simulation.lines) simulation.line(line).fault({ kind: "any", rate: faultRate });
  return simulation;
}

/** Lines on standard input are commands for the faults; its end is not the simulation's. */
function takeCommands(simulation: PlantSimulation, out: (text: string) => void): Interface {
  const faults = new FaultConsole(simulation);
  const input = createInterface({ input: process.stdin, terminal: false });
  input.on("line", (line) => {
    const answer = faults.command(line);
    if (answer !== "") out(answer);
  });
  return input;
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
  const rows = simulation.lines.map((line) => {
    const units = [...plant.devices.values()].filter((device) => device.line === line);
    const named = units.map(({ unit, name, profile }) => `${unit} ${name} (${profile.name})`);
    return `line ${line}   ${simulation.line(line).endpoint}   unit ${named.join(", ")}`;
  });
  const hint = process.stdin.isTTY ? "; help shows how to make it misbehave" : "";
  return [`plant ${plant.name} is simulated; Ctrl-C ends it${hint}`, ...rows].join("\n");
}
