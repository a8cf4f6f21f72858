import { isBitTable, isWritableTable } from "../../device/location.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Ms } from "../../kit/time.ts";
import { ADDRESS_COUNT, MAX_WRITE_BITS, MAX_WRITE_REGISTERS } from "../../modbus/limits.ts";
import { parseSpan, parseUnit } from "../access/parse-number.ts";
import { lastAddress, type Place, takePlace } from "../access/place.ts";
import { parseTarget, type Target } from "../access/target.ts";
import { parseKind, type ValueKind } from "../access/value-kind.ts";
import type { CellRange } from "../read/read-range.ts";
import { parseValues } from "./parse-values.ts";

/** The options of `takt write` as they were written. */
export interface WriteWords {
  readonly unit: string;
  readonly address?: string | undefined;
  readonly type?: string | undefined;
  readonly order?: string | undefined;
  readonly length?: string | undefined;
  /** FC 15 or 16 for a single value too. */
  readonly multiple: boolean;
  readonly timeout: string;
}

/** What `takt write` is to do, in one request. */
export interface WriteOrder {
  readonly target: Target;
  readonly range: CellRange;
  readonly note: string | undefined;
  readonly kind: ValueKind | undefined;
  /** Bits as 0 or 1, or registers. */
  readonly cells: readonly number[];
  readonly multiple: boolean;
  readonly timeout: Ms;
}

/** Reads the words after `takt write`; the failure is a sentence. */
export function parseWrite(target: string, words: readonly string[], options: WriteWords): Result<WriteOrder, string> {
  const endpoint = parseTarget(target);
  if (!endpoint.ok) return endpoint;
  const unit = parseUnit(options.unit, endpoint.value);
  if (!unit.ok) return unit;
  const taken = takePlace(words, options.address);
  if (!taken.ok) return taken;
  const { place, rest } = taken.value;
  if (!isWritableTable(place.table)) {
    return err(
      `${isBitTable(place.table) ? "a discrete input" : "an input register"} cannot be written; coil and holding can`,
    );
  }
  if (options.type === undefined && options.order !== undefined) return err("--order goes with --type");
  const kind = parseKind(options, place.table);
  if (!kind.ok) return kind;
  const cells = parseCells(rest, place, kind.value);
  if (!cells.ok) return cells;
  const timeout = parseSpan("--timeout", options.timeout);
  if (!timeout.ok) return timeout;
  return ok({
    target: endpoint.value,
    range: { unit: unit.value, table: place.table, address: place.address, count: cells.value.length },
    note: place.note,
    kind: kind.value,
    cells: cells.value,
    multiple: options.multiple,
    timeout: timeout.value,
  });
}

/** One request writes all or nothing, so that what is written is never half of what was asked. */
function parseCells(
  texts: readonly string[],
  place: Place,
  kind: ValueKind | undefined,
): Result<readonly number[], string> {
  if (texts.length === 0) return err("write what? give one or more values after the address");
  const cells = parseValues(texts, place.table, kind);
  if (!cells.ok) return cells;
  const { length } = cells.value;
  const most = isBitTable(place.table) ? MAX_WRITE_BITS : MAX_WRITE_REGISTERS;
  if (length > most) return err(`${length} are more than the ${most} that one request writes`);
  if (lastAddress(place.address, length) !== undefined) return cells;
  return err(`${length} from ${place.table} ${place.address} on leave the table, which ends at ${ADDRESS_COUNT - 1}`);
}
