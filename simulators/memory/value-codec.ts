import type { Scalar, Value } from "../../src/device/quality.ts";
import type { Tag } from "../../src/device/tag.ts";
import { type NumberType, readNumber, typeBytes, writeNumber } from "./number-bytes.ts";

/** Registers (or coils) that all values of the tag take together. */
export function tagQuantity(tag: Tag): number {
  return (tag.count ?? 1) * elementWords(tag);
}

/** The bits of its registers that the tag means; a coil or discrete input has the one bit 1. */
export function tagMask(tag: Tag): number {
  if (isBit(tag)) return 1;
  if (!tag.at.bits) return 0xffff;
  const { low, high } = tag.at.bits;
  return inOrder(tag, (2 ** (high - low + 1) - 1) << low);
}

/** The registers (or bits) that hold `value`. A number beyond the type's range becomes its limit: as a real slave's. */
export function encodeValue(tag: Tag, value: Value): readonly number[] {
  const elements = typeof value === "object" ? value : [value];
  if (elements.length !== (tag.count ?? 1)) throw new RangeError(`${tag.name}: ${elements.length} values`);
  return elements.flatMap((element) => encodeScalar(tag, element));
}

/** The value in `words`, which start with the tag's first register. */
export function decodeValue(tag: Tag, words: readonly number[]): Value {
  if (tag.count === undefined) return decodeScalar(tag, words);
  const size = elementWords(tag);
  return Array.from({ length: tag.count }, (_, index) =>
    decodeScalar(tag, words.slice(index * size, (index + 1) * size)),
  );
}

function elementWords(tag: Tag): number {
  if (tag.type === "string") return Math.ceil((tag.length ?? 0) / 2);
  return isNarrow(tag) ? 1 : typeBytes(numberType(tag)) / 2;
}

/** One coil, one bit range, or one register that is no plain number. */
function isNarrow(tag: Tag): boolean {
  return isBit(tag) || tag.at.bits !== undefined || tag.type === "bool" || tag.type === "enum";
}

function isBit(tag: Tag): boolean {
  return tag.at.table === "coil" || tag.at.table === "discrete";
}

function numberType(tag: Tag): NumberType {
  if (tag.type === "bool" || tag.type === "enum" || tag.type === "string") return "uint16";
  return tag.type;
}

function encodeScalar(tag: Tag, value: Scalar): readonly number[] {
  if (tag.type === "string") return wordsOf(tag, textBytes(String(value), elementWords(tag) * 2), false);
  if (isNarrow(tag)) return [narrowBits(tag, value)];
  const bytes = new Uint8Array(typeBytes(numberType(tag)));
  writeNumber(numberType(tag), new DataView(bytes.buffer), unscaled(tag, value));
  return wordsOf(tag, bytes, true);
}

function decodeScalar(tag: Tag, words: readonly number[]): Scalar {
  if (tag.type === "string") return textOf(bytesOf(tag, words, false));
  if (isNarrow(tag)) return narrowValue(tag, words[0] ?? 0);
  const view = new DataView(bytesOf(tag, words, true).buffer);
  return scaled(tag, readNumber(numberType(tag), view));
}

function narrowBits(tag: Tag, value: Scalar): number {
  const low = tag.at.bits?.low ?? 0;
  return inOrder(tag, (narrowRaw(tag, value) << low) & inOrder(tag, tagMask(tag)));
}

function narrowRaw(tag: Tag, value: Scalar): number {
  if (tag.type === "enum") return enumRaw(tag, value);
  if (typeof value === "boolean") return value ? 1 : 0;
  return Number(unscaled(tag, value));
}

function narrowValue(tag: Tag, word: number): Scalar {
  const raw = (inOrder(tag, word) & inOrder(tag, tagMask(tag))) >>> (tag.at.bits?.low ?? 0);
  if (tag.type === "bool") return raw !== 0;
  if (tag.type === "enum") return tag.values?.get(raw) ?? raw;
  return scaled(tag, raw);
}

function enumRaw(tag: Tag, value: Scalar): number {
  for (const [raw, name] of tag.values ?? []) if (name === value) return raw;
  if (typeof value === "number") return value;
  throw new RangeError(`${tag.name}: no value is called "${String(value)}"`);
}

function unscaled(tag: Tag, value: Scalar): number | bigint {
  if (typeof value === "bigint" && tag.scale === 1 && tag.offset === 0) return value;
  return (Number(value) - tag.offset) / tag.scale;
}

/** 64-bit integers stay exact where nothing scales them. */
function scaled(tag: Tag, raw: number | bigint): number | bigint {
  if (tag.scale === 1 && tag.offset === 0) return raw;
  return Number(raw) * tag.scale + tag.offset;
}

function textBytes(text: string, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => text.charCodeAt(index) & 0xff);
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/[\0 ]+$/, "");
}

/** A register whose bytes the tag's order exchanges. */
function inOrder(tag: Tag, word: number): number {
  return !isBit(tag) && swapsBytes(tag) ? ((word & 0xff) << 8) | (word >>> 8) : word;
}

function swapsBytes(tag: Tag): boolean {
  return tag.order === "BADC" || tag.order === "DCBA";
}

/** Big-endian bytes to registers as the tag orders them; text never has its registers reversed. */
function wordsOf(tag: Tag, bytes: Uint8Array, isNumber: boolean): readonly number[] {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) words.push(inOrder(tag, ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)));
  return isNumber && reversesWords(tag) ? words.reverse() : words;
}

function bytesOf(tag: Tag, words: readonly number[], isNumber: boolean): Uint8Array {
  const inSequence = isNumber && reversesWords(tag) ? [...words].reverse() : words;
  return Uint8Array.from(inSequence.flatMap((word) => [inOrder(tag, word) >>> 8, inOrder(tag, word) & 0xff]));
}

function reversesWords(tag: Tag): boolean {
  return tag.order === "CDAB" || tag.order === "DCBA";
}
