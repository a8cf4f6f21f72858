import { isBitTable, type Table } from "../../device/location.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { RawValue } from "../../modbus/register-codec.ts";
import type { ValueKind } from "../access/value-kind.ts";

const BIT_WORDS: Readonly<Record<string, number>> = { true: 1, on: 1, 1: 1, false: 0, off: 0, 0: 0 };

/**
 * What is to be written, as bits (0 or 1) or registers (0..65535): bits from words, registers from values of `kind`, or
 * each from one number from -32768 to 65535. The failure is a sentence.
 */
export function parseValues(
  texts: readonly string[],
  table: Table,
  kind: ValueKind | undefined,
): Result<readonly number[], string> {
  const cells: number[] = [];
  for (const text of texts) {
    const next = isBitTable(table) ? parseBit(text) : kind ? parseKindValue(text, kind) : parseRegister(text);
    if (!next.ok) return next;
    cells.push(...next.value);
  }
  return ok(cells);
}

function parseBit(text: string): Result<readonly number[], string> {
  const word = text.toLowerCase();
  const bit = Object.hasOwn(BIT_WORDS, word) ? BIT_WORDS[word] : undefined;
  return bit === undefined ? err(`"${text}" is no bit; write on or off, true or false, 1 or 0`) : ok([bit]);
}

function parseRegister(text: string): Result<readonly number[], string> {
  const value = parseInteger(text);
  if (value === undefined) return err(`"${text}" is no whole number; --type float32 writes a broken one`);
  if (value >= -0x8000n && value <= 0xffffn) return ok([Number(value) & 0xffff]);
  return err(`${text} does not fit into one register (-32768 to 65535); --type uint32 takes two`);
}

function parseKindValue(text: string, { type, title, codec }: ValueKind): Result<readonly number[], string> {
  const value = type === "string" ? text : type.startsWith("float") ? parseReal(text) : parseInteger(text);
  if (value === undefined) return err(`"${text}" is no ${title}`);
  const registers = codec.encode(value);
  if (registers) return ok(registers);
  const { range } = codec;
  return err(`${text} does not fit into ${title}${range ? ` (${range.min} to ${range.max})` : ""}`);
}

/** `12`, `-12`, `0x1F` */
function parseInteger(text: string): bigint | undefined {
  return /^(-?\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : undefined;
}

function parseReal(text: string): RawValue | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
