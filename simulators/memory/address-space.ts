import type { Table } from "../../src/device/location.ts";
import { MemoryTable } from "./memory-table.ts";

/** What one tag occupies. `writableBits` is 0 where a master may only read; a coil has the one bit 1. */
export interface Mapping {
  readonly table: Table;
  readonly address: number;
  readonly quantity: number;
  readonly writableBits: number;
}

/** Called after a master's request changed something, once per request. */
export type WriteListener = (table: Table, address: number, quantity: number) => void;

/** The four tables of one unit, as its master sees them. */
export class AddressSpace {
  readonly #tables: Readonly<Record<Table, MemoryTable>>;
  readonly #listeners: WriteListener[] = [];

  /** `gap`: holes up to this long between mapped addresses are readable as 0, so that merged reads work. */
  constructor(mappings: readonly Mapping[], gap: number) {
    const table = (name: Table): MemoryTable =>
      tableOf(
        mappings.filter((mapping) => mapping.table === name),
        gap,
      );
    this.#tables = {
      coil: table("coil"),
      discrete: table("discrete"),
      input: table("input"),
      holding: table("holding"),
    };
  }

  table(name: Table): MemoryTable {
    return this.#tables[name];
  }

  /** What a master's write does; the caller has checked that the addresses are writable. */
  write(table: Table, address: number, values: readonly number[]): void {
    this.#tables[table].write(address, values);
    for (const listener of this.#listeners) listener(table, address, values.length);
  }

  onWrite(listener: WriteListener): void {
    this.#listeners.push(listener);
  }
}

function tableOf(mappings: readonly Mapping[], gap: number): MemoryTable {
  const table = new MemoryTable(Math.max(0, ...mappings.map(({ address, quantity }) => address + quantity)));
  for (const { address, quantity, writableBits } of mappings) table.map(address, quantity, writableBits);
  table.bridge(gap);
  return table;
}
