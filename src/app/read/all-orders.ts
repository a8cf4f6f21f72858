import { BYTE_ORDERS } from "../../modbus/byte-order.ts";
import { NUMERIC_WORDS, type NumericType, type RawValue, registerCodec } from "../../modbus/register-codec.ts";
import { columns } from "./columns.ts";
import { spanText } from "./range-table.ts";
import { hexWord, registerText, valueJson, valueText } from "./value-text.ts";

const SINGLE = ["uint16", "int16", "bcd16"] as const;
const DOUBLE = ["uint32", "int32", "float32"] as const;
const QUADRUPLE = ["uint64", "int64", "float64"] as const;

/**
 * Every type and order of the same registers side by side, to find by eye the one that makes sense. Values of several
 * registers begin at the first address.
 */
export function allOrdersText(address: number, registers: readonly number[]): string {
  const parts = [singles(address, registers), wide(DOUBLE, address, registers), wide(QUADRUPLE, address, registers)];
  return [...parts, texts(registers)].filter((part) => part !== "").join("\n\n");
}

/** The same for programs. */
export function allOrdersJson(address: number, registers: readonly number[]): unknown {
  const of = (types: readonly NumericType[]): readonly unknown[] =>
    groups(types, registers).map((offset) => ({
      address: address + offset,
      ...Object.fromEntries(
        types.map((type) => [type, Object.fromEntries(decodings(type, registers, offset).map(jsonEntry))]),
      ),
    }));
  return { bits16: of(SINGLE), bits32: of(DOUBLE), bits64: of(QUADRUPLE) };
}

function singles(address: number, registers: readonly number[]): string {
  const rows = registers.map((register, at) => [
    String(address + at),
    hexWord(register),
    register
      .toString(2)
      .padStart(16, "0")
      .replaceAll(/(?=(?:.{4})+$)/g, " ")
      .trim(),
    ...SINGLE.map((type) => valueText(decode(type, "ABCD", registers, at), type)),
    valueText(decode("uint16", "BADC", registers, at), "uint16"),
    valueText(decode("int16", "BADC", registers, at), "int16"),
    registerText(register),
  ]);
  const head = ["address", "hex", "bits 15 to 0", "uint16", "int16", "bcd16", "uint16 BA", "int16 BA", "text"];
  return columns(
    [head, ...rows],
    ["right", "right", "left", "right", "right", "right", "right", "right", "left"],
    "  ",
  );
}

/** One row a type and group; the four orders are its columns. */
function wide(types: readonly NumericType[], address: number, registers: readonly number[]): string {
  const offsets = groups(types, registers);
  if (offsets.length === 0) return "";
  const rows = offsets.flatMap((offset) =>
    types.map((type, index) => [
      index === 0 ? spanText(address + offset, NUMERIC_WORDS[type]) : "",
      type,
      ...decodings(type, registers, offset).map(({ value }) => valueText(value, type)),
    ]),
  );
  return columns(
    [["address", "", ...BYTE_ORDERS], ...rows],
    ["right", "left", "right", "right", "right", "right"],
    "  ",
  );
}

function texts(registers: readonly number[]): string {
  const swapped = registers.map((register) => ((register & 0xff) << 8) | (register >> 8));
  const rows = [
    ["text", "AB", JSON.stringify(registers.map(registerText).join(""))],
    ["", "BA", JSON.stringify(swapped.map(registerText).join(""))],
  ];
  return columns(rows, ["right", "left", "left"], "     ");
}

/** Where in the registers a whole value of these types begins. */
function groups(types: readonly NumericType[], registers: readonly number[]): readonly number[] {
  const words = NUMERIC_WORDS[types[0] ?? "uint16"];
  return Array.from({ length: Math.floor(registers.length / words) }, (_, index) => index * words);
}

interface Decoding {
  readonly order: string;
  readonly value: RawValue | undefined;
}

function decodings(type: NumericType, registers: readonly number[], offset: number): readonly Decoding[] {
  const orders = NUMERIC_WORDS[type] === 1 ? (["ABCD", "BADC"] as const) : BYTE_ORDERS;
  return orders.map((order) => ({ order, value: decode(type, order, registers, offset) }));
}

function jsonEntry({ order, value }: Decoding): readonly [string, unknown] {
  return [order, valueJson(value)];
}

function decode(
  type: NumericType,
  order: (typeof BYTE_ORDERS)[number],
  registers: readonly number[],
  offset: number,
): RawValue | undefined {
  return registerCodec({ type, order }).decode(registers, offset);
}
