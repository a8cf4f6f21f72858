import { err, ok, type Result } from "../kit/result.ts";
import type { FunctionCode } from "../modbus/function-code.ts";
import { ADDRESS_COUNT } from "../modbus/limits.ts";

/** The four tables of the Modbus data model, by their short names. */
export const TABLES = ["coil", "discrete", "input", "holding"] as const;

export type Table = (typeof TABLES)[number];

/** The function that reads a table. */
export const READ_FUNCTION = { coil: 1, discrete: 2, holding: 3, input: 4 } as const satisfies Record<
  Table,
  FunctionCode
>;

/** Where a tag lives in its unit: table, zero-based address and, inside a register, a range of bits. */
export interface Location {
  readonly table: Table;
  readonly address: number;
  readonly bits?: { readonly low: number; readonly high: number };
}

export function isBitTable(table: Table): boolean {
  return table === "coil" || table === "discrete";
}

export function isWritableTable(table: Table): boolean {
  return table === "coil" || table === "holding";
}

/** What `at` looks like: `holding 4`, `holding 4.3` (one bit), `holding 4.0-7` (bits), `coil 0x10`. */
const LOCATION = /^(coil|discrete|input|holding)\s+(\d+|0x[0-9a-f]+)(?:\.(\d+)(?:-(\d+))?)?$/i;

/** Reads the `at` of a tag; the failure is a sentence for the person who wrote it. */
export function parseLocation(text: string): Result<Location, string> {
  const match = LOCATION.exec(text.trim());
  const table = TABLES.find((name) => name === match?.[1]?.toLowerCase());
  if (!match || !table) {
    return err(
      `"${text}" is no location; write table and zero-based address, as in "holding 4", "holding 4.0-7", "coil 0"`,
    );
  }
  const address = Number(match[2]);
  if (address >= ADDRESS_COUNT) {
    const [, number = ""] = /^[134](\d{5})$/.exec(match[2] ?? "") ?? [];
    const classic = Number(number) > 0 ? `; addresses are zero-based: ${match[2]} counts from 1` : "";
    return err(`address ${address} is outside 0..${ADDRESS_COUNT - 1}${classic}`);
  }
  if (match[3] === undefined) return ok({ table, address });
  return bitsOf({ table, address }, Number(match[3]), Number(match[4] ?? match[3]));
}

function bitsOf(location: Location, low: number, high: number): Result<Location, string> {
  if (isBitTable(location.table))
    return err(`a ${location.table} is a bit already; "${location.table} ${location.address}" is enough`);
  if (high > 15 || low > high) return err(`bits ${low}-${high} are no range within 0..15 of a register, lowest first`);
  return ok({ ...location, bits: { low, high } });
}

/** `holding 4.0-7`: the form {@link parseLocation} reads. */
export function formatLocation({ table, address, bits }: Location): string {
  if (!bits) return `${table} ${address}`;
  return bits.low === bits.high ? `${table} ${address}.${bits.low}` : `${table} ${address}.${bits.low}-${bits.high}`;
}
