import type { Tag } from "../../device/tag.ts";

/** Data types of metrics and their numbers (Sparkplug 3.0.0, 6.4.16). */
export const DATATYPE = {
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  Int16Array: 23,
  Int32Array: 24,
  Int64Array: 25,
  UInt16Array: 27,
  UInt32Array: 28,
  UInt64Array: 29,
  FloatArray: 30,
  DoubleArray: 31,
  BooleanArray: 32,
  StringArray: 33,
} as const;

export type ScalarDatatype =
  "Int16" | "Int32" | "Int64" | "UInt16" | "UInt32" | "UInt64" | "Float" | "Double" | "Boolean" | "String";

/** What one metric is worth: a scalar, or an array of them. */
export interface Datatype {
  readonly scalar: ScalarDatatype;
  readonly array: boolean;
}

const OF_TYPE: Readonly<Record<Tag["type"], ScalarDatatype>> = {
  bool: "Boolean",
  enum: "String",
  string: "String",
  int16: "Int16",
  uint16: "UInt16",
  bcd16: "UInt16",
  int32: "Int32",
  uint32: "UInt32",
  bcd32: "UInt32",
  float32: "Float",
  int64: "Int64",
  uint64: "UInt64",
  bcd64: "UInt64",
  float64: "Double",
};

const UNSCALED: readonly ScalarDatatype[] = ["Boolean", "String", "Double"];

/** The data type of a tag's engineering value: a scaled number is a Double, an enumeration its name. */
export function datatypeOf({ type, scale, offset, count }: Tag): Datatype {
  const raw = OF_TYPE[type];
  const scaled = (scale !== 1 || offset !== 0) && !UNSCALED.includes(raw);
  return { scalar: scaled ? "Double" : raw, array: count !== undefined };
}

export function datatypeNumber({ scalar, array }: Datatype): number {
  return DATATYPE[array ? (`${scalar}Array` as const) : scalar];
}
