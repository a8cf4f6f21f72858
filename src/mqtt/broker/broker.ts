import type { Listenable } from "../../kit/signal.ts";
import type { ProtocolVersion } from "./protocol-choice.ts";

/** Text, or bytes where the payload is none. */
export interface Publication<Payload extends string | Uint8Array = string> {
  readonly topic: string;
  readonly payload: Payload;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** What is published instead where the broker takes no packet of that size. */
  readonly shortened?: Payload;
  /** Somebody waits for it: when the connection broke before the broker acknowledged it, it is published again. */
  readonly owed?: "outcome" | "event";
  /** Called when the broker has it, or will never take it. */
  readonly settled?: () => void;
  /** MQTT 5 only. */
  readonly correlationData?: Uint8Array;
}

export interface Received {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Where the broker says so: it was published with the retained flag, or kept for us. */
  readonly retained: boolean;
  /** Seconds it may still be old (MQTT 5). */
  readonly expiry: number | undefined;
  readonly responseTopic: string | undefined;
  readonly correlationData: Uint8Array | undefined;
}

export type BrokerState =
  | { readonly state: "down"; readonly reason: string; readonly attempt: number }
  /** Subscribed and ready. `window`: publications that may be unacknowledged at a time; `maximumPacket`: bytes it takes. */
  | {
      readonly state: "up";
      readonly version: ProtocolVersion;
      readonly window: number;
      readonly maximumPacket: number;
    };

/** A broker as the bridge sees it: there or not. */
export interface Broker<Payload extends string | Uint8Array = string> {
  readonly changes: Listenable<BrokerState>;
  readonly received: Listenable<Received>;
  /** `settled` is called once, unless the connection goes down before: then nobody knows. */
  publish(publication: Publication<Payload>, settled: (accepted: boolean) => void): void;
}

/** A broker whose session can be ended in order, to begin another one: with it, or with the next of several. */
export interface SessionBroker<Payload extends string | Uint8Array = string> extends Broker<Payload> {
  leave(how: Leaving): void;
  /** `arrived` is called once the broker has all that was published before, unless the connection goes down first. */
  confirm(arrived: () => void): void;
}

export interface Leaving {
  /** Connect again without a pause. */
  readonly atOnce: boolean;
}
