import { classicNumberHint } from "../../device/classic-number.ts";
import { type Table, TABLES } from "../../device/location.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { ADDRESS_COUNT } from "../../modbus/limits.ts";

/** Where in a unit to read or write; addresses are zero-based. */
export interface Place {
  readonly table: Table;
  readonly address: number;
  /** What a classic number was taken for: `40001 is holding 0, counted from 1`; or that an address looks like one. */
  readonly note: string | undefined;
}

/** A place and the words behind it. */
export interface PlaceAndRest {
  readonly place: Place;
  readonly rest: readonly string[];
}

/**
 * Takes the place from the words of a command: `holding 0`, or one classic number, here or as `--address`. The failure is
 * a sentence.
 */
export function takePlace(words: readonly string[], classic: string | undefined): Result<PlaceAndRest, string> {
  const [first, second, ...others] = words;
  if (classic !== undefined) {
    if (isTable(first)) return err(`--address ${classic} names the table already; leave "${first}" out`);
    return withRest(classicPlace(classic), words);
  }
  if (first === undefined)
    return err(`what? name a table and an address, as in "holding 0", or a number such as 40001`);
  if (/^\d{5,6}$/.test(first)) return withRest(classicPlace(first), words.slice(1));
  if (!isTable(first)) return err(`"${first}" is no table; the four are ${TABLES.join(", ")}`);
  if (second === undefined) return err(`which ${first}? give a zero-based address, as in "${first} 0"`);
  return withRest(plainPlace(first, second), others);
}

/** The last address of `count` from `address` on; undefined where that leaves the table. */
export function lastAddress(address: number, count: number): number | undefined {
  return address + count <= ADDRESS_COUNT ? address + count - 1 : undefined;
}

function withRest(place: Result<Place, string>, rest: readonly string[]): Result<PlaceAndRest, string> {
  return place.ok ? ok({ place: place.value, rest }) : place;
}

function plainPlace(table: Table, text: string): Result<Place, string> {
  const address = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : NaN;
  if (address < ADDRESS_COUNT) return ok({ table, address, note: classicNumberHint({ table, address }) });
  const hint = /^[0134]\d{4,5}$/.test(text) ? `; for the classic number write --address ${text}` : "";
  return err(`address "${text}" is no number from 0 to ${ADDRESS_COUNT - 1}${hint}`);
}

const BY_DIGIT: Readonly<Record<string, Table>> = { 0: "coil", 1: "discrete", 3: "input", 4: "holding" };

/** Classic numbers begin with the table's digit and count from 1, in 5 or 6 digits; short ones are coils. */
function classicPlace(text: string): Result<Place, string> {
  if (!/^\d{1,6}$/.test(text)) return err(`"${text}" is no classic number; they look like 40001, 400001, 30001 or 1`);
  const table = text.length < 5 ? "coil" : BY_DIGIT[text.charAt(0)];
  if (!table)
    return err(`${text}: no table has the digit ${text.charAt(0)}; 4 is holding, 3 input, 1 discrete, 0 coil`);
  const address = Number(text.length < 5 ? text : text.slice(1)) - 1;
  if (address < 0) return err(`${text}: classic numbers count from 1`);
  if (address >= ADDRESS_COUNT) return err(`${text}: the last address of a table is ${ADDRESS_COUNT}, counted from 1`);
  return ok({ table, address, note: `${text} is ${table} ${address}, counted from 1` });
}

function isTable(word: string | undefined): word is Table {
  return TABLES.some((table) => table === word);
}
