import { isBitTable, READ_FUNCTION, type Table } from "../../device/location.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type Ms, ms } from "../../kit/time.ts";
import type { AccessFailure } from "../../link/messages.ts";
import { MAX_READ_BITS, MAX_READ_REGISTERS } from "../../modbus/limits.ts";
import type { ReadRequest } from "../../modbus/request.ts";
import type { Access } from "../access/access.ts";

/** Consecutive addresses of one table of one unit. */
export interface CellRange {
  readonly unit: number;
  readonly table: Table;
  readonly address: number;
  readonly count: number;
}

/** What lies there, a bit as 0 or 1, a register as 0..65535. */
export interface Cells {
  readonly values: readonly number[];
  readonly took: Ms;
  /** Requests it took; what comes from several need not be of one moment. */
  readonly requests: number;
}

export interface ReadFailure {
  readonly failure: AccessFailure;
  /** The part of the range that was refused or not answered. */
  readonly range: CellRange;
}

/** Reads a range in as many requests as the protocol's limits make of it; the first failure ends it. */
export async function readRange(access: Access, range: CellRange, timeout: Ms): Promise<Result<Cells, ReadFailure>> {
  const values: number[] = [];
  let took = 0;
  const parts = splitRange(range);
  for (const part of parts) {
    const outcome = await access.ask(part.unit, requestFor(part), timeout);
    if (!outcome.ok) return err({ failure: outcome.failure, range: part });
    const { answer } = outcome.value;
    took += outcome.value.took;
    if (answer.kind === "bits") values.push(...answer.bits.map(Number));
    else if (answer.kind === "registers") values.push(...answer.registers);
    else return err({ failure: { kind: "mismatch", reason: `an answer with ${answer.kind}` }, range: part });
  }
  return ok({ values, took: ms(took), requests: parts.length });
}

/** `holding 0..9`, `coil 4` */
export function formatRange({ table, address, count }: Omit<CellRange, "unit">): string {
  return count === 1 ? `${table} ${address}` : `${table} ${address}..${address + count - 1}`;
}

function splitRange(range: CellRange): readonly CellRange[] {
  const most = isBitTable(range.table) ? MAX_READ_BITS : MAX_READ_REGISTERS;
  return Array.from({ length: Math.ceil(range.count / most) }, (_, index) => ({
    ...range,
    address: range.address + index * most,
    count: Math.min(most, range.count - index * most),
  }));
}

function requestFor({ table, address, count }: CellRange): ReadRequest {
  return { fc: READ_FUNCTION[table], address, quantity: count };
}
