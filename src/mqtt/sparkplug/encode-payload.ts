import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Quality, Value } from "../../device/quality.ts";
import { DATATYPE, type Datatype, datatypeNumber } from "./datatype.ts";
import { metricValue } from "./metric-value.ts";
import { type MetricSchema, PayloadSchema } from "./payload_pb.ts";

/** A metric as it is now. */
export interface MetricSample {
  readonly value: Value | null;
  readonly quality: Quality;
  /** When it was read, milliseconds since 1970 by our clock. */
  readonly timestamp: number;
}

export interface DeclaredSample extends MetricSample {
  readonly name: string;
  /** Undefined: it goes by its name alone. */
  readonly alias: bigint | undefined;
  readonly datatype: Datatype;
}

export interface PayloadHead {
  /** When it is sent, milliseconds since 1970. */
  readonly timestamp: number;
  /** Undefined in NDEATH only. */
  readonly seq: number | undefined;
}

type MetricShape = MessageInitShape<typeof MetricSchema>;

/** Codes of the property Quality (6.4.12): what hosts know. */
const QUALITY_CODE: Readonly<Record<Quality, number>> = { good: 192, stale: 500, bad: 0 };
export const BDSEQ = "bdSeq";
export const REBIRTH = "Node Control/Rebirth";

/** Names, types and values: what a birth certificate tells of its metrics. */
export function birthPayload(head: PayloadHead, samples: readonly DeclaredSample[]): Uint8Array {
  return payload(head, samples.map(declaration));
}

/** `historical`: read while nobody listened, and not to be taken for what is. */
export function dataPayload(
  head: PayloadHead,
  samples: readonly DeclaredSample[],
  { historical }: { readonly historical: boolean } = { historical: false },
): Uint8Array {
  return payload(
    head,
    samples.map((sample) => (historical ? { ...data(sample), isHistorical: true } : data(sample))),
  );
}

/** A DDEATH: the head says it all. */
export function deathPayload(head: PayloadHead): Uint8Array {
  return payload(head, []);
}

/** The NBIRTH: the number of its session, the door to another birth, and what the node tells of itself. */
export function nodeBirthPayload(head: PayloadHead, bdSeq: number, samples: readonly DeclaredSample[]): Uint8Array {
  const timestamp = BigInt(head.timestamp);
  const rebirth: MetricShape = {
    name: REBIRTH,
    timestamp,
    datatype: DATATYPE.Boolean,
    value: { case: "booleanValue", value: false },
  };
  return payload(head, [bdSeqMetric(bdSeq, head.timestamp), rebirth, ...samples.map(declaration)]);
}

/** The NDEATH: nothing but the number by which hosts know whose death it is. */
export function nodeDeathPayload(bdSeq: number, timestamp: number): Uint8Array {
  return payload({ timestamp, seq: undefined }, [bdSeqMetric(bdSeq, timestamp)]);
}

function bdSeqMetric(bdSeq: number, timestamp: number): MetricShape {
  return {
    name: BDSEQ,
    timestamp: BigInt(timestamp),
    datatype: DATATYPE.Int64,
    value: { case: "longValue", value: BigInt(bdSeq) },
  };
}

/** Oldest first: within a payload time does not go back. */
function payload({ timestamp, seq }: PayloadHead, metrics: readonly MetricShape[]): Uint8Array {
  const inOrder = metrics.toSorted((one, other) => Number((one.timestamp ?? 0n) - (other.timestamp ?? 0n)));
  const head = { timestamp: BigInt(timestamp), ...(seq !== undefined && { seq: BigInt(seq) }) };
  return toBinary(PayloadSchema, create(PayloadSchema, { ...head, metrics: inOrder }));
}

function declaration(sample: DeclaredSample): MetricShape {
  return { ...data(sample), name: sample.name, datatype: datatypeNumber(sample.datatype) };
}

/** A value that its data type cannot hold is none. */
function data({ name, alias, datatype, value, quality, timestamp }: DeclaredSample): MetricShape {
  const held = value === null ? undefined : metricValue(datatype, value);
  return {
    ...(alias === undefined ? { name } : { alias }),
    timestamp: BigInt(timestamp),
    ...(held ? { value: held } : { isNull: true }),
    properties: qualityProperty(held || value === null ? quality : "bad"),
  };
}

function qualityProperty(quality: Quality): MetricShape["properties"] {
  const value = { type: DATATYPE.Int32, value: { case: "intValue" as const, value: QUALITY_CODE[quality] } };
  return { keys: ["Quality"], values: [value] };
}
