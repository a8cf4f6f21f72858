import type { Device } from "./profile.ts";
import type { Tag } from "./tag.ts";

/** One tag of one device, with its place in every column of the process image. */
export interface TagEntry {
  readonly index: number;
  readonly device: Device;
  readonly tag: Tag;
}

/**
 * All tags of a plant in the order of its files. Both threads build it from the same plant, so that an index means
 * the same tag on either side of the link.
 */
export function tagTable(devices: Iterable<Device>): readonly TagEntry[] {
  const entries: TagEntry[] = [];
  for (const device of devices) {
    for (const tag of device.tags.values()) entries.push({ index: entries.length, device, tag });
  }
  return entries;
}
