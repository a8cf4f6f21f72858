import { formatLocation } from "../../device/location.ts";
import type { CommandArg, DeviceCommand } from "../../device/device-command.ts";
import type { Device } from "../../device/profile.ts";
import { DEFAULT_ROLE } from "../../device/role.ts";
import type { Tag } from "../../device/tag.ts";
import { formatDuration } from "../../kit/duration.ts";
import { valuePlain } from "../value-json.ts";

/** `<device>/meta`: what its tags are. */
export function metaPayload(device: Device): string {
  return JSON.stringify({
    device: device.name,
    profile: device.profile.name,
    title: device.profile.title,
    line: device.line,
    modbusUnit: device.unit,
    tags: Object.fromEntries(Array.from(device.tags, ([name, tag]) => [name, tagJson(tag)])),
    commands: Object.fromEntries(Array.from(device.profile.commands, ([name, each]) => [name, commandJson(each)])),
  });
}

/** What is undefined or usual is left out. */
export function commandJson({ title, args, role, preempts, arm }: DeviceCommand): unknown {
  return {
    title,
    args: Object.fromEntries(Array.from(args, ([name, arg]) => [name, argJson(arg)])),
    role: role === DEFAULT_ROLE ? undefined : role,
    preempts: preempts || undefined,
    arm: arm === undefined ? undefined : formatDuration(arm),
  };
}

function argJson({ title, type, unit, range, values, default: usual }: CommandArg): unknown {
  return {
    title,
    type,
    unit,
    range: range && [range.min, range.max],
    values: values.length === 0 ? undefined : values,
    default: usual === undefined ? undefined : valuePlain(usual),
  };
}

/** What is undefined or usual is left out. */
function tagJson(tag: Tag): unknown {
  return {
    title: tag.title,
    type: tag.type,
    count: tag.count,
    unit: tag.unit,
    at: formatLocation(tag.at),
    class: tag.scanClass,
    range: tag.valid && [tag.valid.min, tag.valid.max],
    values: tag.values && [...tag.values.values()],
    writable: tag.write !== undefined,
    write: tag.write && { kind: tag.write.kind, range: tag.write.range && [tag.write.range.min, tag.write.range.max] },
  };
}
