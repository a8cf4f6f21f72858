import type { Plant } from "../../../src/config/plant/plant.ts";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { ms } from "../../../src/kit/time.ts";
import { type DeviceSketch, level, plantLike, pulse, serialLine } from "../plants/scan-plant.ts";
import type { TagSketch } from "../plants/tag.ts";

export const RESPONSE_TIMEOUT = ms(150);

/** An output that nobody has the permission to write. */
export const FORBIDDEN = "locked";

const UNITS = 10;

export const WIRE = serialLine("cell", 19_200);

/**
 * Ten slaves on one wire of 19,200 baud, 8E1, about 18 transactions a second: registers and bits of every table, read every
 * second, two and ten; levels, a pulse and, on some, a heartbeat. The same seed gives the same plant.
 */
export function plantOfSeed(seed: number): Plant {
  const random = seededRandom(seed);
  const devices = Array.from({ length: UNITS }, (_, index) => [`d${index + 1}`, deviceOf(index + 1, random)] as const);
  return {
    ...plantLike(Object.fromEntries(devices), ms(100)),
    scan: {
      period: ms(100),
      classes: new Map([
        ["fast", ms(1000)],
        ["normal", ms(2000)],
        ["slow", ms(10_000)],
      ]),
    },
    lines: new Map([[WIRE.name, WIRE]]),
  };
}

function deviceOf(unit: number, random: Random): DeviceSketch {
  const beats = random() < 0.3;
  return {
    unit,
    timing: { turnaround: ms(12), responseTimeout: RESPONSE_TIMEOUT },
    ...(beats ? { heartbeat: { tag: "alive", every: ms(2000), timeout: ms(6000), covers: [] } } : {}),
    tags: { ...measured(random), ...OUTPUTS, ...(beats ? { alive: ALIVE } : {}) },
  };
}

/** One block of each table, of random lengths and types. */
function measured(random: Random): Readonly<Record<string, TagSketch>> {
  const tags: Record<string, TagSketch> = {};
  for (const [table, scanClass] of [
    ["holding", "fast"],
    ["input", "normal"],
  ] as const) {
    let address = 3 + below(random, 8);
    for (let count = 1 + below(random, 6); count > 0; count--) {
      const wide = random() < 0.4;
      const type = wide ? "uint32" : random() < 0.5 ? "uint16" : "int16";
      tags[`${table}${address}`] = { table, address, type, scanClass };
      address += (wide ? 2 : 1) + below(random, 2);
    }
  }
  for (const table of ["coil", "discrete"] as const) {
    const first = 10 + below(random, 8);
    for (let address = first; address < first + 1 + below(random, 12); address++) {
      tags[`${table}${address}`] = { table, address, type: "bool", scanClass: "slow" };
    }
  }
  return tags;
}

const OUTPUTS: Readonly<Record<string, TagSketch>> = {
  run: { table: "coil", address: 0, type: "bool", scanClass: "slow", write: level({ safe: { value: false } }) },
  speed: { address: 0, scanClass: "fast", write: level({ onReturn: "reassert", refresh: ms(30_000) }) },
  jog: { table: "coil", address: 8, type: "bool", scanClass: "onDemand", write: pulse() },
  [FORBIDDEN]: { address: 1, scanClass: "fast", write: level({ onReturn: "reassert", refresh: ms(5000) }) },
};

const ALIVE: TagSketch = { address: 2, scanClass: "onDemand", write: pulse() };

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
