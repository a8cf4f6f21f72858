import type { Scalar } from "../../device/quality.ts";
import type { ScalarDatatype } from "./datatype.ts";

/** How one element of a numeric array lies in its bytes, little-endian (Sparkplug 3.0.0, 6.4.17). */
interface Element {
  readonly bytes: number;
  readonly write: (view: DataView, at: number, value: number | bigint) => void;
  readonly read: (view: DataView, at: number) => number | bigint;
}

type NumericDatatype = Exclude<ScalarDatatype, "Boolean" | "String">;

const ELEMENTS: Readonly<Record<NumericDatatype, Element>> = {
  Int16: { bytes: 2, write: (v, at, x) => v.setInt16(at, Number(x), true), read: (v, at) => v.getInt16(at, true) },
  UInt16: { bytes: 2, write: (v, at, x) => v.setUint16(at, Number(x), true), read: (v, at) => v.getUint16(at, true) },
  Int32: { bytes: 4, write: (v, at, x) => v.setInt32(at, Number(x), true), read: (v, at) => v.getInt32(at, true) },
  UInt32: { bytes: 4, write: (v, at, x) => v.setUint32(at, Number(x), true), read: (v, at) => v.getUint32(at, true) },
  Int64: {
    bytes: 8,
    write: (v, at, x) => v.setBigInt64(at, BigInt(x), true),
    read: (v, at) => v.getBigInt64(at, true),
  },
  UInt64: {
    bytes: 8,
    write: (v, at, x) => v.setBigUint64(at, BigInt(x), true),
    read: (v, at) => v.getBigUint64(at, true),
  },
  Float: { bytes: 4, write: (v, at, x) => v.setFloat32(at, Number(x), true), read: (v, at) => v.getFloat32(at, true) },
  Double: { bytes: 8, write: (v, at, x) => v.setFloat64(at, Number(x), true), read: (v, at) => v.getFloat64(at, true) },
};

/** Bytes of the count before the bits of a BooleanArray. */
const COUNT_BYTES = 4;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Undefined where an element is not of that type. */
export function packArray(datatype: ScalarDatatype, values: readonly Scalar[]): Uint8Array<ArrayBuffer> | undefined {
  switch (datatype) {
    case "Boolean":
      return values.every((value) => typeof value === "boolean") ? packBooleans(values) : undefined;
    case "String":
      return values.every((value) => typeof value === "string") ? packStrings(values) : undefined;
    default:
      return values.every((value) => fits(datatype, value)) ? packNumbers(ELEMENTS[datatype], values) : undefined;
  }
}

function fits(datatype: NumericDatatype, value: Scalar): value is number | bigint {
  const fraction = datatype === "Float" || datatype === "Double";
  return typeof value === "bigint" || (typeof value === "number" && (fraction || Number.isInteger(value)));
}

function packNumbers({ bytes, write }: Element, values: readonly (number | bigint)[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(bytes * values.length));
  for (const [index, value] of values.entries()) write(view, index * bytes, value);
  return new Uint8Array(view.buffer);
}

/** A count, then a bit for each, the first one highest. */
function packBooleans(values: readonly boolean[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(COUNT_BYTES + Math.ceil(values.length / 8));
  new DataView(packed.buffer).setUint32(0, values.length, true);
  for (const [index, value] of values.entries()) {
    const at = COUNT_BYTES + (index >> 3);
    if (value) packed[at] = (packed[at] ?? 0) | (0x80 >> (index & 7));
  }
  return packed;
}

/** Each ended by a NUL; one inside a text would end it early. */
function packStrings(values: readonly string[]): Uint8Array<ArrayBuffer> | undefined {
  if (values.some((value) => value.includes("\0"))) return undefined;
  return new TextEncoder().encode(values.map((value) => `${value}\0`).join(""));
}

/** The elements, or undefined where the bytes are no such array. */
export function unpackArray(datatype: ScalarDatatype, packed: Uint8Array): readonly Scalar[] | undefined {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  switch (datatype) {
    case "Boolean":
      return unpackBooleans(view);
    case "String":
      return unpackStrings(packed);
    default:
      return unpackNumbers(ELEMENTS[datatype], view);
  }
}

function unpackNumbers({ bytes, read }: Element, view: DataView): readonly Scalar[] | undefined {
  if (view.byteLength % bytes !== 0) return undefined;
  return Array.from({ length: view.byteLength / bytes }, (_, index) => read(view, index * bytes));
}

function unpackBooleans(view: DataView): readonly boolean[] | undefined {
  const count = view.byteLength < COUNT_BYTES ? undefined : view.getUint32(0, true);
  if (count === undefined || view.byteLength !== COUNT_BYTES + Math.ceil(count / 8)) return undefined;
  return Array.from({ length: count }, (_, index) => {
    return (view.getUint8(COUNT_BYTES + (index >> 3)) & (0x80 >> (index & 7))) !== 0;
  });
}

function unpackStrings(packed: Uint8Array): readonly string[] | undefined {
  if (packed.length > 0 && packed.at(-1) !== 0) return undefined;
  try {
    return utf8.decode(packed).split("\0").slice(0, -1);
  } catch {
    return undefined;
  }
}
