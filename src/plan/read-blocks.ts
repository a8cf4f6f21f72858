import type { Device } from "../device/profile.ts";
import { TABLES, type Table } from "../device/location.ts";
import { ON_DEMAND, ONCE } from "../device/tag.ts";
import { tagSpan } from "../device/tag-span.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { Ms } from "../kit/time.ts";
import { blockOf, endOf, type ReadBlock, type ReadItem, readLimit } from "./read-block.ts";
import { blockTime, type Wire } from "./wire.ts";

/** Names of scan classes from the most to the least often read; `once` and `onDemand` stand apart. */
export type ClassOrder = readonly string[];

export interface ReadRules {
  readonly classes: ClassOrder;
  /** The serial wire of the device's line; undefined: addresses between two tags cost nothing. */
  readonly wire?: Wire | undefined;
  /**
   * A read of several tags may keep the wire no longer than this, so that more frequent ones are not held up; or twice as
   * long as the shortest read, since cutting what is mostly overhead adds more of it.
   */
  readonly longest?: Ms | undefined;
}

/**
 * The read blocks of one device: every tag in exactly one, none longer than the device and the protocol allow, no gap
 * wider than the device's limit or longer on the wire than a transaction of its own, groups whole. Slower tags that a
 * faster block covers anyway ride along with it.
 */
export function readBlocks(device: Device, entries: readonly TagEntry[], rules: ReadRules): readonly ReadBlock[] {
  const { classes } = rules;
  const blocks: ReadBlock[] = [];
  for (const table of TABLES) {
    const items = readItems(entries.filter((entry) => entry.tag.at.table === table));
    for (const scanClass of [...classes, ONCE, ON_DEMAND]) {
      const own = items.filter((item) => classOf(item, classes) === scanClass);
      const riding = classes.includes(scanClass) ? own.filter((item) => !rideAlong(blocks, table, item)) : own;
      blocks.push(...merge({ device, table, scanClass }, riding, rules));
    }
  }
  return blocks;
}

/** Groups become one item each, every other tag is its own; sorted by address. */
function readItems(entries: readonly TagEntry[]): readonly ReadItem[] {
  const groups = new Map<string, TagEntry[]>();
  for (const entry of entries) {
    const key = entry.tag.group === undefined ? `tag ${entry.tag.name}` : `group ${entry.tag.group}`;
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()].map(itemOf).sort((a, b) => a.address - b.address || a.quantity - b.quantity);
}

function itemOf(entries: readonly TagEntry[]): ReadItem {
  const address = Math.min(...entries.map((entry) => entry.tag.at.address));
  const end = Math.max(...entries.map((entry) => entry.tag.at.address + tagSpan(entry.tag)));
  return { entries, address, quantity: end - address };
}

/** A group is read as often as its most often read tag. */
function classOf(item: ReadItem, classes: ClassOrder): string {
  const order = [...classes, ONCE, ON_DEMAND];
  const ranks = item.entries.map((entry) => order.indexOf(entry.tag.scanClass));
  return order[Math.min(...ranks)] ?? ON_DEMAND;
}

/** Adds the item to a block that reads its addresses already; false where there is none. */
function rideAlong(blocks: ReadBlock[], table: Table, item: ReadItem): boolean {
  const index = blocks.findIndex(
    (block) => block.table === table && item.address >= block.address && endOf(item) <= block.address + block.quantity,
  );
  const block = blocks[index];
  if (!block) return false;
  blocks[index] = { ...block, items: [...block.items, item].sort((a, b) => a.address - b.address) };
  return true;
}

type Kind = Pick<ReadBlock, "device" | "table" | "scanClass">;

/** Left to right: an item joins the block before it when gap, length and wire allow; that gives the fewest blocks. */
function merge(kind: Kind, items: readonly ReadItem[], rules: ReadRules): readonly ReadBlock[] {
  const blocks: ReadBlock[] = [];
  for (const item of items) {
    const block = blocks.at(-1);
    const joined = block && blockOf(kind, [...block.items, item]);
    if (joined && isWorthIt(block, item, joined, rules)) blocks[blocks.length - 1] = joined;
    else blocks.push(blockOf(kind, [item]));
  }
  return blocks;
}

function isWorthIt(block: ReadBlock, item: ReadItem, joined: ReadBlock, { wire, longest }: ReadRules): boolean {
  const { device, table } = block;
  if (item.address - (block.address + block.quantity) > device.limits.gap) return false;
  if (joined.quantity > readLimit(device, table)) return false;
  if (!wire || joined.quantity === block.quantity) return true;
  const together = blockTime(joined, wire);
  const shortest = blockTime({ ...block, quantity: 1 }, wire);
  if (longest !== undefined && together > Math.max(longest, 2 * shortest)) return false;
  return together <= blockTime(block, wire) + blockTime(blockOf(block, [item]), wire);
}
