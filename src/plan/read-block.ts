import type { Device } from "../device/profile.ts";
import { isBitTable, READ_FUNCTION, type Table } from "../device/location.ts";
import type { TagEntry } from "../device/tag-table.ts";
import type { ReadRequest } from "../modbus/request.ts";

/** Tags that are read together or not at all: one tag, or a coherence group. */
export interface ReadItem {
  readonly entries: readonly TagEntry[];
  readonly address: number;
  readonly quantity: number;
}

/** Consecutive addresses of one table of one device that are read in one transaction. */
export interface ReadBlock {
  readonly device: Device;
  readonly table: Table;
  readonly scanClass: string;
  readonly address: number;
  /** Coils, discrete inputs or registers. */
  readonly quantity: number;
  /** In order of address. */
  readonly items: readonly ReadItem[];
}

export function readRequest(block: ReadBlock): ReadRequest {
  return { fc: READ_FUNCTION[block.table], address: block.address, quantity: block.quantity };
}

/** The block that reads exactly these items, given in order of address. */
export function blockOf(
  like: Omit<ReadBlock, "address" | "quantity" | "items">,
  items: readonly ReadItem[],
): ReadBlock {
  const address = Math.min(...items.map((item) => item.address));
  const end = Math.max(...items.map(endOf));
  return { ...like, address, quantity: end - address, items };
}

export function endOf(item: ReadItem): number {
  return item.address + item.quantity;
}

/** The most addresses one read of this table may span, for the protocol and for this device. */
export function readLimit(device: Device, table: Table): number {
  return isBitTable(table) ? device.limits.readBits : device.limits.readRegisters;
}

/**
 * The two halves of a block that the device refused, so that the refused address is closed in on and the rest keeps
 * running; undefined when it reads a single item already. A gap between the halves is no longer read.
 */
export function bisect(block: ReadBlock): readonly [ReadBlock, ReadBlock] | undefined {
  if (block.items.length < 2) return undefined;
  const middle = block.items.length >> 1;
  return [blockOf(block, block.items.slice(0, middle)), blockOf(block, block.items.slice(middle))];
}

/** `input 0..12`: how a block is called in logs and plans. */
export function formatBlock(block: ReadBlock): string {
  const last = block.address + block.quantity - 1;
  return block.quantity === 1 ? `${block.table} ${block.address}` : `${block.table} ${block.address}..${last}`;
}

export function entriesOf(block: ReadBlock): readonly TagEntry[] {
  return block.items.flatMap((item) => item.entries);
}
