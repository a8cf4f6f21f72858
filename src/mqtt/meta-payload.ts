import { formatLocation } from "../device/location.ts";
import type { Device } from "../device/profile.ts";
import type { Tag } from "../device/tag.ts";

/** `<device>/meta`: what its tags are. */
export function metaPayload(device: Device): string {
  return JSON.stringify({
    device: device.name,
    profile: device.profile.name,
    title: device.profile.title,
    line: device.line,
    modbusUnit: device.unit,
    tags: Object.fromEntries(Array.from(device.tags, ([name, tag]) => [name, tagJson(tag)])),
  });
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
