import { isBitTable } from "../../device/location.ts";
import { unreachable } from "../../kit/invariant.ts";
import { formatTarget } from "../access/target.ts";
import { allOrdersJson, allOrdersText } from "./all-orders.ts";
import type { ReadOrder } from "./parse-read.ts";
import { kindTable, rangeTable, valuesOf } from "./range-table.ts";
import { type Cells, formatRange } from "./read-range.ts";
import { valueJson } from "./value-text.ts";

/** `holding 0..9 of unit 1 at tcp://host:502, in 1.2 ms` */
export function readHead({ target, range }: ReadOrder, { took, requests }: Cells): string {
  const split = requests > 1 ? ` and ${requests} requests` : "";
  return `${formatRange(range)} of unit ${range.unit} at ${formatTarget(target)}, in ${took.toFixed(1)} ms${split}`;
}

export function readBody({ range, view }: ReadOrder, { values }: Cells): string {
  switch (view.as) {
    case "cells":
      return rangeTable(range.table, range.address, values);
    case "kind":
      return kindTable(view.kind, range.address, values);
    case "allOrders":
      return allOrdersText(range.address, values);
    default:
      return unreachable(view);
  }
}

export function readJson({ target, range, note, view }: ReadOrder, cells: Cells, through: string | undefined): unknown {
  const raw = isBitTable(range.table) ? { bits: cells.values.map(Boolean) } : { registers: cells.values };
  return { target: formatTarget(target), ...range, note, through, ms: cells.took, ...raw, ...viewJson() };

  function viewJson(): object {
    if (view.as === "kind") return { type: view.kind.title, values: valuesOf(view.kind, cells.values).map(valueJson) };
    return view.as === "allOrders" ? { allOrders: allOrdersJson(range.address, cells.values) } : {};
  }
}
