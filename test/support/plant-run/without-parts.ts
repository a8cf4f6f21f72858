import type { Plant } from "../../../src/config/plant/plant.ts";
import type { Device } from "../../../src/device/profile.ts";

/**
 * A plant without these devices (`d1`) and tags (`d1/holding10`), and without the lines that then lead nowhere; the rest stays
 * what it is.
 */
export function withoutParts(plant: Plant, without: ReadonlySet<string>): Plant {
  if (without.size === 0) return plant;
  const kept = [...plant.devices.values()].filter(({ name }) => !without.has(name));
  const used = new Set(kept.map(({ line }) => line));
  return {
    ...plant,
    devices: new Map(kept.map((device) => [device.name, withoutTags(device, without)])),
    lines: new Map([...plant.lines].filter(([name]) => used.has(name))),
  };
}

function withoutTags(device: Device, without: ReadonlySet<string>): Device {
  const tags = [...device.tags].filter(([name]) => !without.has(`${device.name}/${name}`));
  return { ...device, tags: new Map(tags) };
}
