import type { IConnackPacket } from "mqtt";
import type { Publication } from "./broker.ts";

/** What a broker takes. One that speaks 3.1.1 cannot say. */
export interface BrokerLimits {
  /** Publications that may be unacknowledged at a time. */
  readonly window: number;
  /** Bytes of a whole packet. */
  readonly maximumPacket: number;
  readonly maximumQos: 0 | 1;
  readonly retainAvailable: boolean;
}

/** Unacknowledged publications, where the broker does not ask for fewer. Mosquitto takes 20. */
const WINDOW = 64;

/** What the CONNACK says (MQTT 5.0, 3.2.2.3). A receive maximum of 0 is none: one at a time is the least there is. */
export function brokerLimits({ properties }: Pick<IConnackPacket, "properties">): BrokerLimits {
  return {
    window: Math.max(1, Math.min(WINDOW, properties?.receiveMaximum ?? WINDOW)),
    maximumPacket: properties?.maximumPacketSize ?? Infinity,
    maximumQos: properties?.maximumQoS === 0 ? 0 : 1,
    retainAvailable: properties?.retainAvailable ?? true,
  };
}

/** Bytes of a publication as an MQTT 5 packet (MQTT 5.0, 3.3). */
export function packetBytes({ topic, payload, qos, correlationData }: Publication<string | Uint8Array>): number {
  const properties = correlationData ? 3 + correlationData.length : 0;
  const identifier = qos > 0 ? 2 : 0;
  const rest = 2 + Buffer.byteLength(topic) + identifier + lengthBytes(properties) + properties;
  const remaining = rest + Buffer.byteLength(payload);
  return 1 + lengthBytes(remaining) + remaining;
}

/** Bytes of a length as a variable byte integer: seven bits each (MQTT 5.0, 1.5.5). */
function lengthBytes(length: number): number {
  return length < 128 ? 1 : 1 + lengthBytes(Math.floor(length / 128));
}
