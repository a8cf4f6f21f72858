import type { Plant } from "../../../src/config/plant/plant.ts";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { ms } from "../../../src/kit/time.ts";
import { provePlant } from "../../../src/plan/plant-proof.ts";
import { FORBIDDEN } from "./plant-of-seed.ts";
import { plantFrom, type PlantSketch } from "./plant-sketch.ts";

/** What a plant is asked for at most, where it is to be lived in for long: transactions per second, over all lines. */
const MOST_PER_SECOND = 20;

/** At this pace every plant of these holds: all periods are so many times as long. */
const SLOWEST = 256;

/**
 * A plant of one to three lines of every kind and one to ten units, with blocks, classes, turnarounds and outputs by chance:
 * one that holds, and asks for no more than {@link MOST_PER_SECOND}.
 */
export function livablePlant(seed: number): Plant {
  const plant = plantFrom(sketchOf(seed, "livable"));
  let pace = Math.ceil(readsPerSecond(plant) / MOST_PER_SECOND);
  while (!holds(paced(plant, pace))) pace++;
  return paced(plant, pace);
}

/** How many times as long as the seed has them all periods of a plant are, and the plants that this gives. */
export interface EdgePaces {
  /** At this one it holds, at the next faster one it does not; that may not exist. */
  readonly holds: number;
  readonly refused: number | undefined;
  /** About the fastest at which the frames of every line carry a device that does not answer. */
  readonly carries: number;
}

/** Paces of the plant of this seed that are nearest to what its lines carry. */
export function edgePaces(seed: number): EdgePaces {
  const plant = plantFrom(sketchOf(seed, "edge"));
  const held = edge(plant, 0, holds);
  return { holds: held, refused: held > 1 ? held - 1 : undefined, carries: edge(plant, held - 1, carries) };
}

/** The plant of this seed, at this pace. */
export function edgePlant(seed: number, pace: number): Plant {
  return paced(plantFrom(sketchOf(seed, "edge")), pace);
}

/** The next pace slower than `below`, and than one that does not, at which it does. */
function edge(plant: Plant, below: number, does: (plant: Plant) => boolean): number {
  let not = below;
  let known = below + 1;
  while (known < SLOWEST && !does(paced(plant, known))) [not, known] = [known, 2 * known];
  while (known - not > 1) {
    const middle = (not + known) >> 1;
    if (does(paced(plant, middle))) known = middle;
    else not = middle;
  }
  return known;
}

function carries(plant: Plant): boolean {
  const { lines, holds: all } = provePlant(plant);
  return all && lines.every(({ proof }) => proof.oneDead?.carried !== false);
}

function holds(plant: Plant): boolean {
  return provePlant(plant).holds;
}

/** The same with every class read so much less often. */
function paced(plant: Plant, pace: number): Plant {
  const classes = [...plant.scan.classes].map(([name, span]) => [name, ms(span * pace)] as const);
  return { ...plant, scan: { ...plant.scan, classes: new Map(classes) } };
}

function readsPerSecond(plant: Plant): number {
  const { lines, period } = provePlant(plant);
  const rates = lines.flatMap(({ plan }) => plan.cyclic.map((block) => 1000 / (block.period * period)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

/** `edge`: nothing is written that nobody commands, so that the budget of writes is the commands' alone. */
type Style = "livable" | "edge";

function sketchOf(seed: number, style: Style): PlantSketch {
  const random = seededRandom(seed ^ 0x91a7);
  const units = 1 + below(random, 10);
  const lines = Array.from({ length: Math.min(units, 1 + below(random, 3)) }, (_, index) => `line${index + 1}`);
  const period = one(random, style === "edge" ? [10, 20, 50] : [100, 200]);
  const fast = period * (1 + below(random, 3));
  const normal = fast * (1 + below(random, 4));
  const slow = one(random, [normal * (1 + below(random, 4)), period * (2 + below(random, 12))]);
  const devices = Array.from({ length: units }, (_, index) => {
    const name = `d${index + 1}`;
    const line = lines[index] ?? one(random, lines);
    return { name, file: { profile: `maker/${name}`, line, unit: index + 1 }, profile: profileOf(random, name, style) };
  });
  return {
    plant: {
      plant: `seed${seed}`,
      scan: { period: `${period}ms`, classes: { fast: `${fast}ms`, normal: `${normal}ms`, slow: `${slow}ms` } },
      lines: Object.fromEntries(lines.map((name, index) => [name, lineOf(random, index)])),
      devices: Object.fromEntries(devices.map(({ name, file }) => [name, file])),
    },
    profiles: Object.fromEntries(devices.map(({ file, profile }) => [file.profile, profile])),
  };
}

function lineOf(random: Random, index: number): unknown {
  const format = {
    baudRate: one(random, [9600, 19_200, 19_200, 38_400, 57_600, 115_200]),
    parity: one(random, ["none", "even", "odd"]),
    stopBits: one(random, [1, 2]),
  };
  const roundTrip = `${1 + below(random, 12)}ms`;
  const choice = random();
  if (choice < 0.45) return { serial: { path: `/dev/line${index}`, ...format, hostLatency: `${below(random, 5)}ms` } };
  const endpoint = { host: `host${index}`, port: 502 };
  if (choice < 0.7) {
    return { rtuOverTcp: { ...endpoint, ...format, packetTime: `${below(random, 8)}ms` }, roundTrip };
  }
  return { tcp: endpoint, window: one(random, [1, 1, 2, 4, 8]), roundTrip };
}

function profileOf(random: Random, name: string, style: Style): unknown {
  const turnaround = 2 + below(random, 30);
  const beats = style === "livable" && random() < 0.3;
  return {
    profile: `maker/${name}`,
    title: `Generated ${name}`,
    timing: { turnaround: `${turnaround}ms`, responseTimeout: `${turnaround + 60 + below(random, 250)}ms` },
    limits: {
      readRegisters: one(random, [8, 16, 60, 125]),
      gap: below(random, 9),
      window: one(random, [1, 1, 2, 4]),
    },
    tags: { ...measured(random, style), ...outputs(random, style), ...(beats ? { alive: ALIVE } : {}) },
    ...(beats ? { heartbeat: { tag: "alive", every: "2s", timeout: "6s", covers: ["run"] } } : {}),
  };
}

/** Some words or bits of each table, in blocks and classes as they come; at least one holding register. */
function measured(random: Random, style: Style): Readonly<Record<string, unknown>> {
  const classes = ["fast", "normal", "normal", "slow", ...(style === "edge" ? [] : ["once"])];
  const tags: Record<string, unknown> = {};
  for (const table of ["holding", "input", "coil", "discrete"] as const) {
    const bits = table === "coil" || table === "discrete";
    if (table !== "holding" && random() < 0.4) continue;
    let address = 10 + below(random, 8);
    for (let left = 1 + below(random, 10), own = one(random, classes); left > 0; left--) {
      if (random() < 0.15) own = one(random, classes);
      const type = bits ? "bool" : one(random, ["uint16", "int16", "uint32"]);
      tags[`${table}${address}`] = { at: `${table} ${address}`, type, class: own };
      address += (type === "uint32" ? 2 : 1) + (random() < 0.2 ? below(random, 25) : 0);
    }
  }
  return tags;
}

function outputs(random: Random, style: Style): Readonly<Record<string, unknown>> {
  const run = { at: "coil 0", type: "bool", class: "slow", write: { kind: "level", safe: false } };
  const speed = { at: "holding 0", class: one(random, ["fast", "slow"]), write: { kind: "level", verify: "readback" } };
  const jog = { at: "coil 8", type: "bool", class: "onDemand", write: { kind: "pulse" } };
  if (style === "edge") return edgeOutputs(random);
  const kept = { onReturn: "reassert" };
  return {
    run,
    speed: { ...speed, write: { ...speed.write, ...kept, refresh: "30s" } },
    ...(random() < 0.7 ? { jog } : {}),
    [FORBIDDEN]: { at: "holding 1", class: "normal", write: { kind: "level", ...kept, refresh: "5s" } },
  };
}

/** Up to four, which nobody writes but who commands; none of them is a stop. */
function edgeOutputs(random: Random): Readonly<Record<string, unknown>> {
  const all: readonly (readonly [string, unknown])[] = [
    ["speed", { at: "holding 0", class: one(random, ["fast", "slow"]), write: { kind: "level" } }],
    ["limit", { at: "holding 2", class: "onDemand", write: { kind: "level", verify: "echo" } }],
    ["mode", { at: "holding 4.0-3", type: "uint16", class: "onDemand", write: { kind: "level" } }],
    ["jog", { at: "coil 8", type: "bool", class: "onDemand", write: { kind: "pulse" } }],
  ];
  return Object.fromEntries(all.filter(() => random() < 0.4));
}

const ALIVE = { at: "holding 2", class: "onDemand", write: { kind: "pulse" } };

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function one<T>(random: Random, choices: readonly [T, ...T[]] | readonly T[]): T {
  const choice = choices[below(random, choices.length)];
  if (choice === undefined) throw new RangeError("nothing to choose from");
  return choice;
}
