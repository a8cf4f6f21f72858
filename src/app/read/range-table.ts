import { isBitTable, type Table } from "../../device/location.ts";
import type { ValueKind } from "../access/value-kind.ts";
import { columns } from "./columns.ts";
import { hexWord, valueText } from "./value-text.ts";

/** What was read, one address a row: bits as 0 and 1, registers in hexadecimal and as integers. */
export function rangeTable(table: Table, address: number, values: readonly number[]): string {
  if (isBitTable(table)) {
    return columns(
      values.map((value, index) => [String(address + index), String(value)]),
      ["right", "right"],
      "  ",
    );
  }
  const rows = values.map((value, index) => [
    String(address + index),
    hexWord(value),
    String(value),
    String((value << 16) >> 16),
  ]);
  return columns([["address", "hex", "uint16", "int16"], ...rows], ["right", "right", "right", "right"], "  ");
}

/** The registers as values of one kind, one a row, with the registers each comes from. */
export function kindTable(kind: ValueKind, address: number, registers: readonly number[]): string {
  const { words } = kind.codec;
  const rows = valuesOf(kind, registers).map((value, index) => [
    spanText(address + index * words, words),
    valueText(value, kind.type),
    words > 4
      ? ""
      : registers
          .slice(index * words, (index + 1) * words)
          .map(hexWord)
          .join(" "),
  ]);
  return columns(
    [["address", kind.title, "hex"], ...rows],
    ["right", kind.type === "string" ? "left" : "right", "left"],
    "  ",
  );
}

export function valuesOf(
  kind: ValueKind,
  registers: readonly number[],
): readonly ReturnType<ValueKind["codec"]["decode"]>[] {
  const { codec } = kind;
  return Array.from({ length: Math.floor(registers.length / codec.words) }, (_, index) =>
    codec.decode(registers, index * codec.words),
  );
}

/** `4`, `4..5` */
export function spanText(address: number, words: number): string {
  return words === 1 ? String(address) : `${address}..${address + words - 1}`;
}
