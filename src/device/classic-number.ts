import type { Location, Table } from "./location.ts";

/** Where the classic numbers of a table begin, five digits long; those of coils look like addresses. */
const FIRST: Readonly<Record<Table, number | undefined>> = {
  coil: undefined,
  discrete: 10_001,
  input: 30_001,
  holding: 40_001,
};

/** Numbers of five digits reach so far. */
const MOST = 9999;

/**
 * A doubt about an address that is legal but looks like a classic number of its table (`holding 40001`), for people;
 * undefined where there is none.
 */
export function classicNumberHint({ table, address }: Pick<Location, "table" | "address">): string | undefined {
  const first = FIRST[table];
  if (first === undefined || address < first || address >= first + MOST) return undefined;
  return `${table} ${address} is taken as it stands: addresses are zero-based; did you mean ${table} ${address - first}?`;
}
