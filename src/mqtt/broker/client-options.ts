import type { ConnectionOptions } from "node:tls";
import type { IClientOptions } from "mqtt";
import { type Ms, ms } from "../../kit/time.ts";
import type { Publication } from "./broker.ts";
import type { ProtocolVersion } from "./protocol-choice.ts";

export interface BrokerOptions {
  /** `mqtt://host:1883`, `mqtts://…`, `ws://…`, `wss://…` */
  readonly url: string;
  /** Further servers, walked to in order and round again, one at a time. */
  readonly alternatives?: readonly string[];
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly keepalive: Ms;
  /** PEM texts. */
  readonly tls: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
    /** A protocol to ask for in the handshake (ALPN), where a broker listens for several on one port. */
    readonly alpn?: string | undefined;
  };
  /** Asked for at every attempt; undefined: no will. */
  readonly will: (() => Publication<string | Uint8Array>) | undefined;
  /** With MQTT 5 the broker publishes it after an orderly end, too. */
  readonly willAlways?: boolean;
  /** Told that the CONNECT with the will last asked for is under way to a broker: not of attempts that reach none. */
  readonly connectSent?: () => void;
  readonly subscriptions: readonly string[];
  /** Whether the broker sends what it keeps when we subscribe. */
  readonly wantsRetained: boolean;
  /** A larger packet ends the connection. */
  readonly maximumPacket: number;
}

/** What of a will a broker takes. */
export type WillLimits = Pick<Publication, "qos" | "retain">;

/** From the attempt to the acknowledged subscription. */
export const HANDSHAKE_TIME = ms(5000);
/** Older versions are broken (RFC 8996). */
const OLDEST_TLS = "TLSv1.2";

/** What mqtt.js hands to Node's `tls.connect`, though its types do not say so. */
type TlsOptions = Pick<ConnectionOptions, "minVersion">;

/** How mqtt.js is to connect: once, with a clean start, keeping nothing. */
export function clientOptions(
  options: BrokerOptions,
  version: ProtocolVersion,
  limits: WillLimits,
): IClientOptions & TlsOptions {
  const { username, password, tls, will } = options;
  return {
    protocolVersion: version,
    clientId: options.clientId,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: HANDSHAKE_TIME,
    keepalive: Math.max(1, Math.round(options.keepalive / 1000)),
    ...(version === 5 && { properties: { maximumPacketSize: options.maximumPacket, sessionExpiryInterval: 0 } }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.alpn !== undefined && { ALPNProtocols: [tls.alpn] }),
    minVersion: OLDEST_TLS,
    // A WebSocket takes certificates from above, and nothing else.
    wsOptions: { minVersion: OLDEST_TLS },
    ...(will && { will: willPacket(will(), limits) }),
  };
}

function willPacket(will: Publication<string | Uint8Array>, limits: WillLimits): NonNullable<IClientOptions["will"]> {
  const { topic, payload, qos, retain } = will;
  return { topic, payload: asBuffer(payload), qos: limits.qos && qos, retain: limits.retain && retain };
}

export function asBuffer(payload: string | Uint8Array): Buffer {
  return typeof payload === "string"
    ? Buffer.from(payload)
    : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
}
