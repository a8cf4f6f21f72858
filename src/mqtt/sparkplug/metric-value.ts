import { isArrayValue, type Scalar, type Value } from "../../device/quality.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { packArray, unpackArray } from "./array-value.ts";
import type { Datatype, ScalarDatatype } from "./datatype.ts";
import type { Metric } from "./payload_pb.ts";

/** The field of a metric that holds its value. */
export type MetricValue = Exclude<Metric["value"], { readonly case: undefined }>;

/** A value as its data type is written; undefined where it is none of that type, which is then no value. */
export function metricValue(datatype: Datatype, value: Value): MetricValue | undefined {
  if (!datatype.array) return isArrayValue(value) ? undefined : scalarValue(datatype.scalar, value);
  const bytes = isArrayValue(value) ? packArray(datatype.scalar, value) : undefined;
  return bytes && { case: "bytesValue", value: bytes };
}

function scalarValue(datatype: ScalarDatatype, value: Scalar): MetricValue | undefined {
  switch (datatype) {
    case "Boolean":
      return typeof value === "boolean" ? { case: "booleanValue", value } : undefined;
    case "String":
      return typeof value === "string" ? { case: "stringValue", value } : undefined;
    case "Float":
      return typeof value === "number" ? { case: "floatValue", value } : undefined;
    case "Double":
      return typeof value === "number" ? { case: "doubleValue", value } : undefined;
    case "Int64":
    case "UInt64":
      return isWhole(value) ? { case: "longValue", value: BigInt.asUintN(64, BigInt(value)) } : undefined;
    case "UInt32":
      // 6.4.16 says uint32, and hosts made with Tahu for JavaScript look for it in long_value only; others take both.
      return isWhole(value) ? { case: "longValue", value: BigInt.asUintN(32, BigInt(value)) } : undefined;
    case "Int16":
    case "Int32":
    case "UInt16":
      return isWhole(value) ? { case: "intValue", value: Number(BigInt.asUintN(32, BigInt(value))) } : undefined;
  }
}

function isWhole(value: Scalar): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

/** What a metric of a command asks for, in the data type of its tag; a sentence why it is not that. */
export function wantedValue(datatype: Datatype, metric: Pick<Metric, "isNull" | "value">): Result<Value, string> {
  const { value } = metric;
  if (metric.isNull === true || value.case === undefined) return err("has no value");
  if (!datatype.array) return wantedScalar(datatype.scalar, value);
  if (value.case !== "bytesValue") return err("has to be an array, packed into bytes");
  const unpacked = unpackArray(datatype.scalar, value.value);
  if (!unpacked) return err(`is no array of ${datatype.scalar}`);
  return unpacked.every(isFiniteScalar) ? ok(unpacked) : err("is no finite number");
}

function wantedScalar(datatype: ScalarDatatype, given: MetricValue): Result<Scalar, string> {
  switch (datatype) {
    case "Boolean":
      return given.case === "booleanValue" ? ok(given.value) : err("has to be a Boolean");
    case "String":
      return given.case === "stringValue" ? ok(given.value) : err("has to be a String");
    default:
      return wantedNumber(datatype, given);
  }
}

function wantedNumber(datatype: ScalarDatatype, given: MetricValue): Result<Scalar, string> {
  switch (given.case) {
    case "floatValue":
    case "doubleValue":
      return isFiniteScalar(given.value) ? ok(given.value) : err("is no finite number");
    case "intValue":
    case "longValue":
      return wantedInteger(datatype, given);
    default:
      return err("has to be a number");
  }
}

/** Bits of a negative number as it may come: of its own width, or extended to that of the field. */
const SIGNED_BITS: Partial<Record<ScalarDatatype, number>> = { Int16: 16, Int32: 32, Int64: 64 };

function wantedInteger(
  datatype: ScalarDatatype,
  given: MetricValue & { readonly case: "intValue" | "longValue" },
): Result<Scalar, string> {
  const fieldBits = given.case === "intValue" ? 32 : 64;
  const wire = BigInt(given.value);
  const bits = SIGNED_BITS[datatype];
  const isFraction = datatype === "Float" || datatype === "Double";
  if (isFraction && wire >> BigInt(fieldBits - 1) !== 0n) return err("is an integer that may be negative or not");
  const value = bits === undefined ? wire : signed(wire, bits, fieldBits);
  if (value === undefined) return err(`does not fit into ${datatype}`);
  return ok(datatype === "Int64" || datatype === "UInt64" ? value : Number(value));
}

function signed(wire: bigint, bits: number, fieldBits: number): bigint | undefined {
  const value = BigInt.asIntN(bits, wire);
  return wire < 1n << BigInt(bits) || BigInt.asIntN(fieldBits, wire) === value ? value : undefined;
}

function isFiniteScalar(value: Scalar): boolean {
  return typeof value !== "number" || Number.isFinite(value);
}
