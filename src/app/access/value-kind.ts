import { didYouMean } from "../../device/did-you-mean.ts";
import { isBitTable, type Table } from "../../device/location.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { BYTE_ORDERS, type ByteOrder } from "../../modbus/byte-order.ts";
import { NUMERIC_WORDS, type NumericType, registerCodec, type RegisterCodec } from "../../modbus/register-codec.ts";

/** What the registers are to be taken for. */
export interface ValueKind {
  /** `float32 CDAB`, `string of 16 bytes` */
  readonly title: string;
  readonly codec: RegisterCodec;
  readonly type: NumericType | "string";
}

export interface KindWords {
  readonly type?: string | undefined;
  readonly order?: string | undefined;
  /** Bytes of a string. */
  readonly length?: string | undefined;
}

const TYPES: readonly string[] = [...Object.keys(NUMERIC_WORDS), "string"];

/** The kind that `--type`, `--order` and `--length` name; undefined without a type. The failure is a sentence. */
export function parseKind(words: KindWords, table: Table): Result<ValueKind | undefined, string> {
  const { type } = words;
  if (type === undefined) {
    return words.length === undefined ? ok(undefined) : err("--length goes with --type string");
  }
  if (isBitTable(table)) return err(`a ${table} is a bit; --type ${type} is for registers`);
  const order = parseOrder(words.order);
  if (!order.ok) return order;
  if (type === "string") return stringKind(words.length, order.value);
  if (words.length !== undefined) return err("--length goes with --type string");
  if (!isNumericType(type)) return err(`"${type}" is no type; ${didYouMean(type, TYPES)}`);
  const title = NUMERIC_WORDS[type] === 1 && order.value === "ABCD" ? type : `${type} ${order.value}`;
  return ok({ title, type, codec: registerCodec({ type, order: order.value }) });
}

export function parseOrder(text: string | undefined): Result<ByteOrder, string> {
  const wanted = (text ?? "ABCD").toUpperCase();
  const order = BYTE_ORDERS.find((one) => one === wanted);
  return order ? ok(order) : err(`"${text ?? ""}" is no order; the four are ${BYTE_ORDERS.join(", ")}`);
}

const LONGEST_STRING = 4096;

function stringKind(text: string | undefined, order: ByteOrder): Result<ValueKind, string> {
  if (text === undefined) return err("a string needs its length in bytes: --length 16");
  const length = /^\d+$/.test(text) ? Number(text) : 0;
  if (length < 1 || length > LONGEST_STRING) return err(`--length ${text} is outside 1..${LONGEST_STRING} bytes`);
  const title = `string of ${length} bytes${order === "ABCD" ? "" : ` ${order}`}`;
  return ok({ title, type: "string", codec: registerCodec({ type: "string", length, order }) });
}

function isNumericType(type: string): type is NumericType {
  return Object.hasOwn(NUMERIC_WORDS, type);
}
