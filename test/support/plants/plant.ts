import type { Plant } from "../../../src/config/plant/plant.ts";
import type { Device, Profile } from "../../../src/device/profile.ts";
import type { Tag } from "../../../src/device/tag.ts";
import { ms } from "../../../src/kit/time.ts";
import { FUNCTION_CODES } from "../../../src/modbus/function-code.ts";

export function deviceOf(name: string, tags: readonly Tag[]): Device {
  const limits = { readRegisters: 125, readBits: 2000, writeRegisters: 123, gap: 8, window: 1, mergeWrites: false };
  const timing = { turnaround: ms(8), responseTimeout: ms(200) };
  const byName = new Map(tags.map((tag) => [tag.name, tag]));
  const profile: Profile = {
    name: "test/device",
    title: "A device of the tests",
    source: undefined,
    timing,
    limits,
    functions: new Set(FUNCTION_CODES),
    tags: byName,
    heartbeat: undefined,
    bootId: undefined,
    alarms: new Map(),
    mailbox: undefined,
    commands: new Map(),
  };
  return { name, profile, line: "cell", unit: 1, disabled: false, timing, limits, tags: byName };
}

export function plantOf(devices: readonly Device[]): Plant {
  return {
    name: "test-plant",
    scan: { period: ms(20), classes: new Map([["normal", ms(100)]]) },
    lines: new Map(),
    pools: new Map(),
    programs: [],
    devices: new Map(devices.map((device) => [device.name, device])),
  };
}
