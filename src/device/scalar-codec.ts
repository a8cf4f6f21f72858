import { err, ok, type Result } from "../kit/result.ts";
import { isLatin1, type RawValue, type RegisterCodec, type RegisterFormat } from "../modbus/register-codec.ts";
import { linearScale } from "./linear-scale.ts";
import type { Scalar } from "./quality.ts";
import type { Tag } from "./tag.ts";

/** Translates between the raw value of a register tag and its engineering value; knows nothing of registers. */
export interface ScalarCodec {
  /** Undefined where the raw value means nothing: NaN, infinity, a number the enumeration does not name. */
  toValue(raw: RawValue): Scalar | undefined;
  /** A raw value that fits the tag's registers, or why there is none, to be read after the tag's name. */
  toRaw(value: Scalar): Result<RawValue, string>;
}

/** How one value of the tag lies in its registers. A bool without bits is a whole register: 0 or anything else. */
export function registerFormat({ at, type, order, length }: Tag): RegisterFormat {
  if (at.bits) return { type: "bits", ...at.bits, order };
  if (type === "string") return { type, length: length ?? 0, order };
  return { type: type === "bool" || type === "enum" ? "uint16" : type, order };
}

/** `codec` is that of {@link registerFormat}; it says what fits. */
export function scalarCodec(tag: Tag, codec: RegisterCodec): ScalarCodec {
  switch (tag.type) {
    case "bool":
      return boolCodec;
    case "enum":
      return enumCodec(tag.values ?? new Map());
    case "string":
      return textCodec(tag.length ?? 0);
    case "float32":
    case "float64":
      return realCodec(tag, codec);
    case "int64":
    case "uint64":
    case "bcd64":
      return tag.at.bits ? integerCodec(tag, codec) : longCodec(tag, codec);
    default:
      return integerCodec(tag, codec);
  }
}

export const boolCodec: ScalarCodec = {
  toValue: (raw) => Number(raw) !== 0,
  toRaw: (value) => (typeof value === "boolean" ? ok(Number(value)) : err(`takes true or false, not ${show(value)}`)),
};

/** Written by name or by number; either must be one the device's manual names. */
function enumCodec(names: ReadonlyMap<number, string>): ScalarCodec {
  const numbers = new Map([...names].map(([number, name]) => [name, number]));
  const known = [...names].map(([number, name]) => `${name} (${number})`).join(", ");
  return {
    toValue: (raw) => names.get(Number(raw)),
    toRaw(value) {
      const number = typeof value === "string" ? numbers.get(value) : value;
      return typeof number === "number" && names.has(number) ? ok(number) : err(`takes ${known}, not ${show(value)}`);
    },
  };
}

function textCodec(length: number): ScalarCodec {
  return {
    toValue: (raw) => String(raw),
    toRaw(value) {
      if (typeof value !== "string") return err(`takes text, not ${show(value)}`);
      if (value.length > length) return err(`takes up to ${length} characters, not ${value.length}`);
      return isLatin1(value) ? ok(value) : err(`takes characters of Latin-1 only, not ${show(value)}`);
    },
  };
}

/** Integers up to 32 bits, BCD up to 8 digits, bits of a register. */
function integerCodec(tag: Tag, codec: RegisterCodec): ScalarCodec {
  const scale = linearScale(tag.scale, tag.offset);
  return {
    toValue: (raw) => scale.fromInteger(Number(raw)),
    toRaw(value) {
      if (!isFiniteNumber(value)) return err(`takes a number, not ${show(value)}`);
      const number = Number(value);
      if (scale.identity && !Number.isInteger(number)) return err(`takes whole numbers, not ${show(value)}`);
      return within(codec, scale.toInteger(number), (raw) => scale.fromInteger(Number(raw)), tag, value);
    },
  };
}

/** 64-bit integers; those that a number cannot hold exactly may come as text, as they do in JSON. */
function longCodec(tag: Tag, codec: RegisterCodec): ScalarCodec {
  const scale = linearScale(tag.scale, tag.offset);
  return {
    toValue: (raw) => scale.fromLong(BigInt(raw)),
    toRaw(written) {
      const value = typeof written === "string" && /^-?\d{1,20}$/.test(written) ? BigInt(written) : written;
      if (!isFiniteNumber(value)) return err(`takes a number, not ${show(written)}`);
      const inexact = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
      if (scale.whole && inexact) return err(`is a 64-bit integer; write ${value} as text so that no digit is lost`);
      if (scale.identity && !Number.isInteger(Number(value))) return err(`takes whole numbers, not ${show(value)}`);
      const exact = scale.whole && Number.isInteger(value) ? BigInt(value) : value;
      return within(codec, scale.toLong(exact), (raw) => scale.fromLong(BigInt(raw)), tag, written);
    },
  };
}

function realCodec(tag: Tag, codec: RegisterCodec): ScalarCodec {
  const scale = linearScale(tag.scale, tag.offset);
  const shown = tag.type === "float32" ? shortestFloat32 : (raw: number) => raw;
  return {
    toValue(raw) {
      const value = scale.fromReal(shown(Number(raw)));
      return Number.isFinite(value) ? value : undefined;
    },
    toRaw(value) {
      if (!isFiniteNumber(value)) return err(`takes a number, not ${show(value)}`);
      return within(codec, scale.toReal(Number(value)), (raw) => scale.fromReal(Number(raw)), tag, value);
    },
  };
}

/** The shortest decimal number that is stored as `value`: 0.42 where the exact value is 0.41999998688697815. */
function shortestFloat32(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function isFiniteNumber(value: Scalar): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value));
}

function within(
  { range }: RegisterCodec,
  raw: number | bigint,
  fromRaw: (raw: number | bigint) => number | bigint,
  tag: Tag,
  value: Scalar,
): Result<RawValue, string> {
  if (!range || (raw >= range.min && raw <= range.max)) return ok(raw);
  const ends = [fromRaw(range.min), fromRaw(range.max)];
  const [low, high] = tag.scale < 0 ? ends.reverse() : ends;
  return err(`holds ${low} to ${high}${tag.unit === undefined ? "" : ` ${tag.unit}`}, not ${show(value)}`);
}

function show(value: Scalar): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
