import { err, ok, type Result } from "../../kit/result.ts";
import { ADDRESS_COUNT } from "../../modbus/limits.ts";
import { type Table, TABLES } from "../../device/location.ts";

/** How makers number registers: 0 is what goes over the wire, 1 counts from 1, as in 40001. */
export type AddressBase = 0 | 1;

/** The digit in front of a five- or six-digit number, as in 40001. */
const TABLE_DIGITS: Readonly<Record<string, Table>> = { 0: "coil", 1: "discrete", 3: "input", 4: "holding" };

const ADDRESS = /^(\d{1,6}|0x[0-9a-f]{1,4})(\.\d+(?:-\d+)?)?$/i;
const MAKERS_NUMBER = /^([0134])(\d{4,5})$/;

/**
 * The `at` of a tag from a list's address and table: `40001` with base 1 and no table is `holding 0`, `5` with base 0
 * and table `input` is `input 5`. The failure is a sentence.
 */
export function csvLocation(address: string, table: string, base: AddressBase): Result<string, string> {
  const match = ADDRESS.exec(address.trim());
  if (!match) return err(`"${address}" is no address; write a number, and a bit as in 12.3`);
  const [, digits = "", bits = ""] = match;
  const makers = MAKERS_NUMBER.exec(digits);
  const ofNumber = makers && TABLE_DIGITS[makers[1] ?? ""];
  if (table.trim() === "") {
    if (!makers || !ofNumber) return err(`address ${digits} needs a table: ${TABLES.join(", ")}`);
    if (base === 0) return err(`${digits} looks like a maker's number that counts from 1; import with --base 1`);
    return located(ofNumber, Number(makers[2]) - 1, bits);
  }
  const named = TABLES.find((name) => name === TABLE_WORDS[table.trim().toLowerCase()]);
  if (!named) return err(`"${table}" is no table; write ${TABLES.join(", ")}`);
  if (ofNumber === named && named !== "coil" && base === 1) {
    return err(
      `${digits} of table ${named} may be ${Number(makers?.[2]) - 1} or ${Number(digits) - 1}; leave the table out for the first`,
    );
  }
  return located(named, Number(digits) - base, bits);
}

function located(table: Table, address: number, bits: string): Result<string, string> {
  if (address < 0) return err("an address that counts from 1 cannot be 0");
  if (address >= ADDRESS_COUNT) return err(`address ${address} is outside 0..${ADDRESS_COUNT - 1}`);
  return ok(`${table} ${address}${bits}`);
}

const TABLE_WORDS: Readonly<Record<string, Table>> = {
  coil: "coil",
  coils: "coil",
  discrete: "discrete",
  "discrete input": "discrete",
  "discrete inputs": "discrete",
  input: "input",
  "input register": "input",
  "input registers": "input",
  holding: "holding",
  "holding register": "holding",
  "holding registers": "holding",
};
