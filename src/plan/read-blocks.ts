import type { Device } from "../device/profile.ts";
import { TABLES, type Table } from "../device/location.ts";
import { ON_DEMAND, ONCE } from "../device/tag.ts";
import { tagSpan } from "../device/tag-span.ts";
import type { TagEntry } from "../device/tag-table.ts";
import { blockOf, endOf, type ReadBlock, type ReadItem, readLimit } from "./read-block.ts";

/** Names of scan classes from the most to the least often read; `once` and `onDemand` stand apart. */
export type ClassOrder = readonly string[];

/**
 * The read blocks of one device: every tag in exactly one, none longer than the device and the protocol allow, no gap
 * wider than the device's limit, groups whole. Slower tags that a faster block covers anyway ride along with it.
 */
export function readBlocks(device: Device, entries: readonly TagEntry[], classes: ClassOrder): readonly ReadBlock[] {
  const blocks: ReadBlock[] = [];
  for (const table of TABLES) {
    const items = readItems(entries.filter((entry) => entry.tag.at.table === table));
    for (const scanClass of [...classes, ONCE, ON_DEMAND]) {
      const own = items.filter((item) => classOf(item, classes) === scanClass);
      const riding = classes.includes(scanClass) ? own.filter((item) => !rideAlong(blocks, table, item)) : own;
      blocks.push(...merge(device, table, scanClass, riding));
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

/** Left to right: an item joins the block before it when gap and length allow; that gives the fewest blocks. */
function merge(device: Device, table: Table, scanClass: string, items: readonly ReadItem[]): readonly ReadBlock[] {
  const limit = readLimit(device, table);
  const runs: ReadItem[][] = [];
  let start = 0;
  let end = 0;
  for (const item of items) {
    const run = runs.at(-1);
    const joins = run && item.address - end <= device.limits.gap && Math.max(end, endOf(item)) - start <= limit;
    if (joins) {
      run.push(item);
      end = Math.max(end, endOf(item));
    } else {
      runs.push([item]);
      start = item.address;
      end = endOf(item);
    }
  }
  return runs.map((run) => blockOf({ device, table, scanClass }, run));
}
