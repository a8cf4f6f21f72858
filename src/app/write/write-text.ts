import { isBitTable } from "../../device/location.ts";
import { formatTarget } from "../access/target.ts";
import { columns } from "../read/columns.ts";
import { spanText, valuesOf } from "../read/range-table.ts";
import { formatRange } from "../read/read-range.ts";
import { hexWord, valueJson, valueText } from "../read/value-text.ts";
import type { WriteOrder } from "./parse-write.ts";
import { type WriteReport, writeRequest } from "./write-range.ts";

/** `holding 4 of unit 1 at tcp://host:502, function 6: 123 (007B)` */
export function intentText(order: WriteOrder): string {
  const { target, range, cells } = order;
  const shown = shownValues(order, cells).join(" ");
  const hex = isBitTable(range.table) ? "" : ` (${cells.map(hexWord).join(" ")})`;
  const { fc } = writeRequest(order);
  return `${formatRange(range)} of unit ${range.unit} at ${formatTarget(target)}, function ${fc}: ${shown}${hex}`;
}

/** Before and after, one value a row; a dash where it could not be read. */
export function changeText(
  order: WriteOrder,
  before: readonly number[] | undefined,
  after: readonly number[] | undefined,
): string {
  const words = order.kind?.codec.words ?? 1;
  const olds = before && shownValues(order, before);
  const news = after && shownValues(order, after);
  const rows = shownValues(order, order.cells).map((_, index) => [
    `${order.range.table} ${spanText(order.range.address + index * words, words)}`,
    olds?.[index] ?? "-",
    "->",
    news?.[index] ?? "-",
  ]);
  return columns(rows, ["left", "right", "left", "left"], "  ");
}

export function writeJson(
  order: WriteOrder,
  before: readonly number[] | undefined,
  { outcome, reason, after }: WriteReport,
  through: string | undefined,
): unknown {
  const { target, range, kind, note } = order;
  const of = (cells: readonly number[] | undefined): unknown => {
    if (!cells) return undefined;
    if (isBitTable(range.table)) return cells.map(Boolean);
    return kind ? valuesOf(kind, cells).map(valueJson) : cells;
  };
  return {
    target: formatTarget(target),
    ...range,
    note,
    through,
    function: writeRequest(order).fc,
    type: kind?.title,
    sent: of(order.cells),
    before: of(before),
    after: of(after),
    outcome,
    reason,
  };
}

function shownValues({ range, kind }: WriteOrder, cells: readonly number[]): readonly string[] {
  if (kind) return valuesOf(kind, cells).map((value) => valueText(value, kind.type));
  return cells.map((cell) => (isBitTable(range.table) ? (cell === 1 ? "on" : "off") : String(cell)));
}
