import type { Plant } from "../../../src/config/plant.ts";

/** A plant without these devices, and without the lines that then lead nowhere; the rest stays what it is. */
export function withoutDevices(plant: Plant, without: ReadonlySet<string>): Plant {
  if (without.size === 0) return plant;
  const devices = new Map([...plant.devices].filter(([name]) => !without.has(name)));
  const used = new Set([...devices.values()].map(({ line }) => line));
  return { ...plant, devices, lines: new Map([...plant.lines].filter(([name]) => used.has(name))) };
}
