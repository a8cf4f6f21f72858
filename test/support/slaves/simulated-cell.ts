import { createModels } from "../../../simulators/models/create-models.ts";
import { encodeValue } from "../../../simulators/memory/value-codec.ts";
import { type SimulatedDevice, simulateUnit } from "../../../simulators/simulated-device.ts";
import type { World } from "../../../simulators/world/world.ts";
import { formatIssues } from "../../../src/config/source/config-issue.ts";
import { loadPlant } from "../../../src/config/plant/load-plant.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import type { Value } from "../../../src/device/quality.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { fileURLToPath } from "node:url";

export function demoPlant(): Plant {
  const loaded = loadPlant(fileURLToPath(new URL("../../../config/demo/plant.yaml", import.meta.url)));
  if (!loaded.ok) throw new Error(formatIssues(loaded.failure));
  return loaded.value;
}

/** The demo plant's devices and processes without any socket; time passes when a test says so. */
export interface SimulatedCell {
  readonly world: World;
  get(device: string, tag: string): Value;
  device(name: string): SimulatedDevice;
  /** What one write request of a master does, tag by tag in the order given. */
  write(device: string, values: Readonly<Record<string, Value>>): void;
  /** Tags that lie one behind the other, written with one request. */
  writeAtOnce(device: string, values: Readonly<Record<string, Value>>): void;
  run(seconds: number): void;
  /** Runs until `condition` holds; fails when it does not within `seconds`. Returns the seconds it took. */
  until(what: string, seconds: number, condition: () => boolean): number;
}

const STEP = 0.01;

export function simulatedCell(devices: readonly string[], seed = 1): SimulatedCell {
  const plant = demoPlant();
  const chosen = [...plant.devices.values()].filter(({ name }) => devices.includes(name));
  const units = new Map(chosen.map((device) => [device.name, simulateUnit([device], { strict: false })]));
  const unitOf = (name: string) => units.get(name) ?? fail(`no device ${name}`);
  const deviceOf = (name: string) => unitOf(name).devices[0] ?? fail(`no device ${name}`);
  const { world, models } = createModels(chosen, {
    memoryOf: (name) => deviceOf(name).memory,
    random: seededRandom(seed),
  });
  const tagOf = (device: string, tag: string) => plant.devices.get(device)?.tags.get(tag) ?? fail(`no tag ${tag}`);
  const cell: SimulatedCell = {
    world,
    get: (device, tag) => deviceOf(device).memory.get(tag),
    device: deviceOf,
    write(device, values) {
      for (const [name, value] of Object.entries(values)) cell.writeAtOnce(device, { [name]: value });
    },
    writeAtOnce(device, values) {
      const parts = Object.entries(values).map(([name, value]) => ({ tag: tagOf(device, name), value }));
      const { table, address } = parts[0]?.tag.at ?? fail("nothing to write");
      const words = parts.flatMap(({ tag, value }) => encodeValue(tag, value));
      unitOf(device).slave.space.write(table, address, words);
    },
    run(seconds) {
      for (let step = 0; step < Math.round(seconds / STEP); step++) {
        world.step(STEP);
        for (const model of models.values()) model.step(STEP);
      }
    },
    until(what, seconds, condition) {
      for (let passed = 0; passed < seconds; passed += STEP) {
        if (condition()) return passed;
        cell.run(STEP);
      }
      throw new Error(`not within ${seconds} s: ${what}`);
    },
  };
  return cell;
}

function fail(message: string): never {
  throw new Error(message);
}
