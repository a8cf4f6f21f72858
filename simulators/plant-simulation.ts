import type { Device } from "../src/device/profile.ts";
import type { Clock } from "../src/kit/clock.ts";
import { errorMessage } from "../src/kit/error-message.ts";
import { invariant } from "../src/kit/invariant.ts";
import type { Logger } from "../src/kit/logger.ts";
import { type Random, seededRandom } from "../src/kit/random.ts";
import { Scope } from "../src/kit/scope.ts";
import { between, ms, plus } from "../src/kit/time.ts";
import { type ArmLog, createModels } from "./models/create-models.ts";
import type { Model } from "./models/model.ts";
import { connectSupply } from "./supply.ts";
import { clockPacer, type Pacer } from "./serial/pacer.ts";
import type { BusUnit } from "./serial/serial-bus.ts";
import { replyOf, type SimulatedDevice, simulateUnit, type SimulatedUnit } from "./simulated-device.ts";
import { type SimulatedLine, simulateLine, type SimulationLine } from "./simulated-line.ts";
import type { World } from "./world/world.ts";

export interface PlantSimulationOptions {
  readonly lines: Iterable<SimulationLine>;
  readonly devices: Iterable<Device>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Keeps the time of serial wires; the clock's own precision where absent. */
  readonly pacer?: Pacer;
  /** Turnarounds, collisions and faults of the lines come from this number; the same one gives the same. */
  readonly lineSeed?: number;
  /** Serves every TCP line on a free port instead of its own; `address` tells which. */
  readonly portOverride?: 0;
  /** Registers between tags are refused (02) instead of being read as 0. */
  readonly strict?: boolean;
  /** What every robot arm writes into its own log. */
  readonly armLog?: ArmLog;
  /** That come from outside, if they end. */
  readonly boxes?: number;
  /** Units that are not there: no answer (default), or exception 0B as a gateway sends it. */
  readonly unknownUnit?: "silent" | "gateway";
}

export interface PlantSimulation {
  readonly world: World;
  /** Names, in the order of the plant's file. */
  readonly lines: readonly string[];
  readonly devices: readonly string[];
  line(name: string): SimulatedLine;
  /** Of a line that is served on TCP. */
  address(line: string): { readonly host: string; readonly port: number };
  device(name: string): SimulatedDevice;
  close(): Promise<void>;
}

const STEP_SECONDS = 0.01;
const STEP = ms(STEP_SECONDS * 1000);

/** A process that was held up makes up for at most this many steps; the rest of the time never happened. */
const MOST_STEPS_AT_ONCE = 100;

/** Serves the registers of all devices and moves the processes behind them. Rejects when a line cannot be served. */
export async function simulatePlant(options: PlantSimulationOptions): Promise<PlantSimulation> {
  const lines = [...options.lines];
  const devices = [...options.devices];
  for (const line of lines) refuseForeignHost(line);
  const units = new Map(lines.map((line) => [line.name, unitsOf(line.name, devices, options.strict ?? false)]));
  const simulated = new Map([...units.values()].flatMap(devicesByName));
  const { world, models } = createModels(devices, {
    memoryOf: (name) => found(simulated, name, "device").memory,
    random: options.random,
    armLog: options.armLog,
    boxes: options.boxes,
  });
  const scope = new Scope((error) => options.logger.error("simulation.close", { reason: String(error) }));
  const served = await serveLines(lines, units, { ...options, scope });
  connectSupply(simulated.values(), models);
  run(world, models, { ...options, scope, isMoving: (name) => simulated.get(name)?.isMoving ?? true });
  return {
    world,
    lines: [...served.keys()],
    devices: [...simulated.keys()],
    line: (name) => found(served, name, "line"),
    address: (name) => {
      const { address } = found(served, name, "line");
      invariant(address !== undefined, `line ${name} is served on a serial port`);
      return address;
    },
    device: (name) => found(simulated, name, "device"),
    close: () => scope.close(),
  };
}

/** A simulator that took a plant's address would be commanded in the plant's place. */
function refuseForeignHost(line: SimulationLine): void {
  if (line.kind === "serial") return;
  const { name, host } = line;
  if (host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host)) return;
  throw new Error(
    `line ${name}: ${host} is no loopback address; a simulated plant is served on 127.0.0.0/8, ::1 or localhost only`,
  );
}

type Units = ReadonlyMap<number, SimulatedUnit>;

function unitsOf(line: string, devices: readonly Device[], strict: boolean): Units {
  const byUnit = new Map<number, Device[]>();
  for (const device of devices) {
    if (device.line === line) byUnit.set(device.unit, [...(byUnit.get(device.unit) ?? []), device]);
  }
  return new Map([...byUnit].map(([unit, sharing]) => [unit, simulateUnit(sharing, { strict })]));
}

function devicesByName(units: Units): readonly (readonly [string, SimulatedDevice])[] {
  return [...units.values()].flatMap((unit) => unit.devices.map((device) => [device.name, device] as const));
}

interface Running extends PlantSimulationOptions {
  readonly scope: Scope;
}

/** Opens all lines or none. */
async function serveLines(
  lines: readonly SimulationLine[],
  units: ReadonlyMap<string, Units>,
  options: Running,
): Promise<ReadonlyMap<string, SimulatedLine>> {
  const served = new Map<string, SimulatedLine>();
  try {
    for (const [index, line] of lines.entries()) {
      const random = seededRandom((options.lineSeed ?? 1) + index * 7919);
      const one = await serveLine(line, found(units, line.name, "line"), { ...options, random });
      options.scope.onClose(() => one.close());
      served.set(line.name, one);
    }
  } catch (error) {
    await options.scope.close();
    throw error;
  }
  return served;
}

async function serveLine(line: SimulationLine, units: Units, options: Running): Promise<SimulatedLine> {
  const { clock, pacer = clockPacer(clock), portOverride, unknownUnit = "silent", random, logger } = options;
  const placed = line.kind === "serial" || portOverride === undefined ? line : { ...line, port: portOverride };
  try {
    return await simulateLine(placed, { units: busUnits(units), unknownUnit, clock, pacer, random, logger });
  } catch (error) {
    const reason = errorMessage(error);
    throw new Error(`line ${line.name}: cannot be simulated${placeOf(line)}: ${reason}`, { cause: error });
  }
}

function placeOf(line: SimulationLine): string {
  return line.kind === "serial" ? "" : ` on ${line.host}:${line.port}`;
}

/** A real unit seldom takes the whole time its profile allows it. */
const LEAST_TURNAROUND = 0.5;

function busUnits(units: Units): readonly BusUnit[] {
  return [...units].map(([unit, simulated]) => ({
    unit,
    respond: (pdu: Buffer) => replyOf(simulated, pdu),
    turnaround: { least: ms(simulated.turnaround * LEAST_TURNAROUND), most: simulated.turnaround },
  }));
}

interface Motion extends Running {
  readonly isMoving: (device: string) => boolean;
}

/** Moves the world and every model in fixed steps, so that the same seed gives the same plant. */
function run(world: World, models: ReadonlyMap<string, Model>, { clock, scope, isMoving }: Motion): void {
  let reached = clock.now();
  const timer = clock.every("plant simulation", STEP, () => {
    const due = Math.floor(between(reached, clock.now()) / STEP);
    reached = due > MOST_STEPS_AT_ONCE ? clock.now() : plus(reached, ms(due * STEP));
    for (let step = 0; step < Math.min(due, MOST_STEPS_AT_ONCE); step++) {
      world.step(STEP_SECONDS);
      for (const [name, model] of models) if (isMoving(name)) model.step(STEP_SECONDS);
    }
  });
  scope.onClose(() => timer.cancel());
}

function found<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const value = map.get(name);
  invariant(value !== undefined, `the simulation has no ${what} "${name}"`);
  return value;
}
