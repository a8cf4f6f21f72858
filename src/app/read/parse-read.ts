import { isBitTable } from "../../device/location.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Ms } from "../../kit/time.ts";
import { ADDRESS_COUNT } from "../../modbus/limits.ts";
import { parseNumber, parseSpan, parseUnit } from "../access/parse-number.ts";
import { lastAddress, type Place, takePlace } from "../access/place.ts";
import { parseTarget, type Target } from "../access/target.ts";
import { parseKind, type ValueKind } from "../access/value-kind.ts";
import type { CellRange } from "./read-range.ts";

/** The options of `takt read` as they were written. */
export interface ReadWords {
  readonly unit: string;
  readonly address?: string | undefined;
  readonly count?: string | undefined;
  readonly type?: string | undefined;
  readonly order?: string | undefined;
  readonly length?: string | undefined;
  readonly allOrders: boolean;
  readonly repeat?: string | undefined;
  /** Undefined: 1 s, or what the device's profile says. */
  readonly timeout?: string | undefined;
}

/** What `takt read` is to do. */
export interface ReadOrder {
  readonly target: Target;
  readonly range: CellRange;
  readonly note: string | undefined;
  readonly view: ReadView;
  readonly timeout: Ms;
  readonly repeat: Ms | undefined;
}

export type ReadView =
  { readonly as: "cells" } | { readonly as: "kind"; readonly kind: ValueKind } | { readonly as: "allOrders" };

const DEFAULT_TIMEOUT = "1s";

/** What may be meant as a device of a plant. */
const NAME = /^[\w-]+$/;

const BY_NAME = "tags of a device are read by name with --plant plant.yaml";

/** Enough registers for each type to show, where no count is given. */
const ALL_ORDERS_COUNT = 4;

/** Reads the words after `takt read`; the failure is a sentence. */
export function parseRead(target: string, words: readonly string[], options: ReadWords): Result<ReadOrder, string> {
  const endpoint = parseTarget(target);
  if (!endpoint.ok) return NAME.test(target) ? err(`${endpoint.failure}; ${BY_NAME}`) : endpoint;
  const unit = parseUnit(options.unit, endpoint.value);
  if (!unit.ok) return unit;
  const taken = takePlace(words, options.address);
  if (!taken.ok) return taken;
  const { place, rest } = taken.value;
  const view = parseView(options, place);
  if (!view.ok) return view;
  const count = parseCount(rest, options, place, view.value);
  if (!count.ok) return count;
  const timeout = parseSpan("--timeout", options.timeout ?? DEFAULT_TIMEOUT);
  if (!timeout.ok) return timeout;
  const repeat = options.repeat === undefined ? ok(undefined) : parseSpan("--repeat", options.repeat);
  if (!repeat.ok) return repeat;
  return ok({
    target: endpoint.value,
    range: { unit: unit.value, table: place.table, address: place.address, count: count.value },
    note: place.note,
    view: view.value,
    timeout: timeout.value,
    repeat: repeat.value,
  });
}

function parseView(options: ReadWords, { table }: Place): Result<ReadView, string> {
  if (options.allOrders) {
    if (isBitTable(table)) return err(`a ${table} is a bit and has no order`);
    return options.type === undefined
      ? ok({ as: "allOrders" })
      : err("--all-orders shows every type; leave --type out");
  }
  if (options.type === undefined && options.order !== undefined) {
    return err("--order goes with --type; --all-orders shows every type and order");
  }
  const kind = parseKind(options, table);
  if (!kind.ok) return kind;
  return ok(kind.value ? { as: "kind", kind: kind.value } : { as: "cells" });
}

/** How many registers or bits; the count that people give is one of values where they give a type. */
function parseCount(rest: readonly string[], options: ReadWords, place: Place, view: ReadView): Result<number, string> {
  const [text = options.count, ...more] = rest;
  if (more.length > 0) return err(`"${more.join(" ")}" is too much; after the address comes only a count`);
  if (rest.length > 0 && options.count !== undefined) return err("the count is given twice");
  const otherwise = view.as === "allOrders" ? ALL_ORDERS_COUNT : 1;
  const given = text === undefined ? ok(otherwise) : parseNumber("count", text, { least: 1, most: ADDRESS_COUNT });
  if (!given.ok) return given;
  const count = given.value * (view.as === "kind" ? view.kind.codec.words : 1);
  if (lastAddress(place.address, count) !== undefined) return ok(count);
  return err(`${count} from ${place.table} ${place.address} on leave the table, which ends at ${ADDRESS_COUNT - 1}`);
}
