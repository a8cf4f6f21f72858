import { invariant } from "../kit/invariant.ts";
import { err, ok, type Result } from "../kit/result.ts";
import { swapsBytes } from "../modbus/byte-order.ts";
import { bitMask, type RawValue, registerCodec, type RegisterCodec, swapRegister } from "../modbus/register-codec.ts";
import { isBitTable } from "./location.ts";
import { isArrayValue, type Reason, type Scalar, type Value } from "./quality.ts";
import { sentinelsOf } from "./sentinel.ts";
import type { Tag } from "./tag.ts";
import { boolCodec, registerFormat, type ScalarCodec, scalarCodec } from "./scalar-codec.ts";

/** What an answer says of a tag: its value, or why there is none. */
export interface Reading {
  readonly value: Value | null;
  readonly reason: Extract<Reason, "ok" | "sentinel" | "invalid">;
}

/** Translates between a tag's value and what lies in its unit; `kind` is that of the answer it reads. */
export type TagCodec = RegisterTagCodec | BitTagCodec;

export interface RegisterTagCodec {
  readonly kind: "registers";
  /** How many consecutive registers the tag takes. */
  readonly size: number;
  /** Which bits of each register are the tag's: 0xFFFF, or fewer where `at` names bits. The others are not to be written. */
  readonly mask: number;
  decode(registers: readonly number[], offset: number): Reading;
  /**
   * The registers that hold `value`, or a sentence why there are none. Decoding them gives the value as the slave will
   * show it: rounded to the step of the scale, text without trailing spaces. Compare what is read back with that.
   */
  encode(value: Value): Result<readonly number[], string>;
}

export interface BitTagCodec {
  readonly kind: "bits";
  /** How many consecutive bits the tag takes. */
  readonly size: number;
  decode(bits: readonly boolean[], offset: number): Reading;
  encode(value: Value): Result<readonly boolean[], string>;
}

/** What `cells` say of the tag, whose first is at 0: an array of what its table holds, or of 0 and 1 for bits. */
export function decodeCells(codec: TagCodec, cells: readonly (number | boolean)[]): Reading {
  return codec.kind === "bits" ? codec.decode(cells.map(Boolean), 0) : codec.decode(cells.map(Number), 0);
}

/**
 * The codec of one tag. Ranges and permissions of writing are not its business: it refuses only what the raw type
 * cannot hold.
 */
export function tagCodec(tag: Tag): TagCodec {
  return isBitTable(tag.at.table) ? bitTagCodec(tag) : registerTagCodec(tag);
}

function bitTagCodec(tag: Tag): BitTagCodec {
  invariant(tag.type === "bool", `tag ${tag.name}: a ${tag.at.table} holds bool, not ${tag.type}`);
  return {
    kind: "bits",
    size: tag.count ?? 1,
    decode: (bits, offset) => readElements(tag.count, (index) => good(bitAt(bits, offset + index))),
    encode: (value) => writeElements(tag.count, value, encodeBit),
  };
}

function bitAt(bits: readonly boolean[], index: number): boolean {
  const value = bits[index];
  invariant(value !== undefined, `bit ${index} wanted, ${bits.length} there`);
  return value;
}

function encodeBit(value: Scalar): Result<readonly boolean[], string> {
  const raw = boolCodec.toRaw(value);
  return raw.ok ? ok([raw.value !== 0]) : raw;
}

function registerTagCodec(tag: Tag): RegisterTagCodec {
  const registers = registerCodec(registerFormat(tag));
  const scalars = scalarCodec(tag, registers);
  const judge = elementJudge(tag, scalars);
  return {
    kind: "registers",
    size: registers.words * (tag.count ?? 1),
    mask: maskOf(tag),
    decode: (words, offset) =>
      readElements(tag.count, (index) => judge(registers.decode(words, offset + index * registers.words))),
    encode: (value) => writeElements(tag.count, value, (element) => encodeElement(registers, scalars.toRaw(element))),
  };
}

function maskOf({ at, order }: Tag): number {
  if (!at.bits) return 0xffff;
  const mask = bitMask(at.bits.low, at.bits.high);
  return swapsBytes(order) ? swapRegister(mask) : mask;
}

/** Sentinels come first, then whether the raw value means anything, then the valid range. */
function elementJudge(tag: Tag, scalars: ScalarCodec): (raw: RawValue | undefined) => Element {
  const sentinels = sentinelsOf(tag);
  return (raw) => {
    if (raw === undefined) return INVALID;
    if (sentinels.has(typeof raw === "boolean" ? Number(raw) : raw)) return SENTINEL;
    const value = scalars.toValue(raw);
    return value === undefined || outside(value, tag.valid) ? INVALID : good(value);
  };
}

function outside(value: Scalar, valid: Tag["valid"]): boolean {
  if (!valid || (typeof value !== "number" && typeof value !== "bigint")) return false;
  return value < valid.min || value > valid.max;
}

function encodeElement(codec: RegisterCodec, raw: Result<RawValue, string>): Result<readonly number[], string> {
  if (!raw.ok) return raw;
  const registers = codec.encode(raw.value);
  return registers ? ok(registers) : err(`does not fit into its registers as ${String(raw.value)}`);
}

type Element =
  { readonly value: Scalar; readonly reason: "ok" } | { readonly value: null; readonly reason: "sentinel" | "invalid" };

const SENTINEL: Element = { value: null, reason: "sentinel" };
const INVALID: Element = { value: null, reason: "invalid" };

function good(value: Scalar): Element {
  return { value, reason: "ok" };
}

/** One bad element makes the whole array bad: nobody looks for a hole in an array that is called good. */
function readElements(count: number | undefined, element: (index: number) => Element): Reading {
  if (count === undefined) return element(0);
  const values: Scalar[] = [];
  for (let index = 0; index < count; index++) {
    const next = element(index);
    if (next.value === null) return next;
    values.push(next.value);
  }
  return { value: values, reason: "ok" };
}

function writeElements<T>(
  count: number | undefined,
  value: Value,
  element: (value: Scalar) => Result<readonly T[], string>,
): Result<readonly T[], string> {
  if (!isArrayValue(value))
    return count === undefined ? element(value) : err(`takes an array of ${count} values, not one`);
  if (count === undefined) return err(`takes one value, not an array`);
  if (value.length !== count) return err(`takes ${count} values, not ${value.length}`);
  const cells: T[] = [];
  for (const [index, item] of value.entries()) {
    const encoded = element(item);
    if (!encoded.ok) return err(`value ${index + 1} of ${count} ${encoded.failure}`);
    cells.push(...encoded.value);
  }
  return ok(cells);
}
