import protoRoot from "sparkplug-payload/lib/sparkplugPayloadProto.js";

/** Eclipse Tahu's own reading of the payload, by protobufjs. */
const { Payload } = protoRoot.org.eclipse.tahu.protobuf;

/** A metric as it is on the wire: what is not there is undefined. 64-bit numbers as text, bytes as numbers. */
export interface TahuMetric {
  readonly name?: string;
  readonly alias?: string;
  readonly timestamp?: string;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly properties?: {
    readonly keys: readonly string[];
    readonly values: readonly { readonly type?: number; readonly intValue?: number }[];
  };
  readonly intValue?: number;
  readonly longValue?: string;
  readonly floatValue?: number;
  readonly doubleValue?: number;
  readonly booleanValue?: boolean;
  readonly stringValue?: string;
  readonly bytesValue?: readonly number[];
}

export interface TahuPayload {
  readonly timestamp?: string;
  readonly seq?: string;
  readonly metrics: readonly TahuMetric[];
}

export function tahuDecode(bytes: Uint8Array): TahuPayload {
  const plain = Payload.toObject(Payload.decode(bytes), { longs: String, bytes: Array });
  return { metrics: [], ...plain };
}

/** What a host made with Tahu sends. 64-bit numbers as text. */
export function tahuEncode(payload: Partial<TahuPayload>): Uint8Array {
  return Payload.encode(Payload.fromObject(payload)).finish();
}

const VALUES = [
  "intValue",
  "longValue",
  "floatValue",
  "doubleValue",
  "booleanValue",
  "stringValue",
  "bytesValue",
] as const;

/** `longValue 5`; undefined where there is none. */
export function valueOf(metric: TahuMetric | undefined): string | undefined {
  const field = VALUES.find((name) => metric?.[name] !== undefined);
  return field && `${field} ${String(metric?.[field])}`;
}
