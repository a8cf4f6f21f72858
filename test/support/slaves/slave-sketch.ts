import { type SimulatedUnit, simulateUnit } from "../../../simulators/simulated-device.ts";
import type { Device } from "../../../src/device/profile.ts";
import type { WriteRule } from "../../../src/device/tag.ts";
import { deviceOf } from "../plants/plant.ts";
import { tagLike, type TagSketch } from "../plants/tag.ts";

const writable: WriteRule = {
  kind: "level",
  range: undefined,
  safe: undefined,
  verify: { by: "none" },
  refresh: undefined,
  onReturn: "hold",
  ramp: undefined,
  readWrite: false,
  maxChange: undefined,
  requires: [],
  role: "operator",
};

/**
 * A slave without a process, for tests of the protocol: coils 0..9 (0..7 writable), discrete inputs 0..9, input
 * registers 0..9, holding registers 0..9 (0..7 writable), nothing at 10 and 11, holding 12..139.
 */
export function sketchedDevice(differences: Partial<Device> = {}): Device {
  const bits = (table: "coil" | "discrete", count: number, write?: WriteRule): TagSketch[] =>
    Array.from({ length: count }, (_, address) => ({
      table,
      address,
      name: `${table}${address}`,
      type: "bool",
      write,
    }));
  const sketches: readonly TagSketch[] = [
    ...bits("coil", 8, writable),
    ...bits("coil", 10).slice(8),
    ...bits("discrete", 10),
    { table: "input", address: 0, name: "inputs", count: 10 },
    { table: "holding", address: 0, name: "outputs", count: 8, write: writable },
    { table: "holding", address: 8, name: "fixed", count: 2 },
    { table: "holding", address: 12, name: "many", count: 128, write: writable },
  ];
  const device = deviceOf("sketch", sketches.map(tagLike));
  return { ...device, limits: { ...device.limits, gap: 0 }, ...differences };
}

export function sketchedUnit(differences: Partial<Device> = {}): SimulatedUnit {
  return simulateUnit([sketchedDevice(differences)], { strict: false });
}
