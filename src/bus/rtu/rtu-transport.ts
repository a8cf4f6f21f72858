import type { Instant } from "../../kit/time.ts";

/** The bytes below an RTU line: a serial port, a socket to a device server, or a simulated wire under a virtual clock. */
export interface RtuTransport {
  /**
   * Hands a frame to the wire; settles with the instant at which its last byte has left, as well as that is known.
   * Rejects when the transport is lost.
   */
  write(frame: Buffer): Promise<Instant>;
  /** Discards what has arrived and was not delivered. */
  discardInput(): void;
  /** Ends it at once; nothing is delivered afterwards. */
  close(): Promise<void>;
}

export interface RtuTransportEvents {
  /** In whatever pieces they come; valid only during the call. */
  received(chunk: Buffer): void;
  /** Called once: the port went away or the connection broke. Not called after `close`. */
  lost(reason: string): void;
}

/** Opens a transport; rejects with an Error whose message says why for people. Called again for every reconnection. */
export type OpenRtuTransport = (events: RtuTransportEvents) => Promise<RtuTransport>;
