import { connect, type Socket } from "node:net";
import type { Clock, Timer } from "../../kit/clock.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { resetSocket } from "../../kit/reset-socket.ts";

export interface TcpEndpoint {
  readonly host: string;
  readonly port: number;
  readonly connectTimeout: Ms;
}

export interface TcpConnectionEvents {
  connected(): void;
  /** The bytes are valid only during the call. */
  received(chunk: Buffer): void;
  /** The frames handed over since the last call now go to the socket. */
  flushing(): void;
  /** Called once: the connection could not be made, or is gone. Not called after `reset`. */
  lost(reason: string): void;
}

/** What a line does with a connection; see {@link TcpConnection}. */
export interface ByteConnection {
  /** Sends `frame` at the end of this tick, together with the others of the tick. */
  transmit(frame: Buffer): void;
  /** Sends what waits for the end of this tick now. */
  flush(): void;
  reset(): void;
}

/** Begins an attempt; no event comes before this returns. */
export type ConnectTcp = (endpoint: TcpEndpoint, clock: Clock, events: TcpConnectionEvents) => ByteConnection;

export const connectTcp: ConnectTcp = (endpoint, clock, events) => new TcpConnection(endpoint, clock, events);

const KEEP_ALIVE_DELAY = ms(10_000);
const READ_BUFFER_LENGTH = 4096;

/** One attempt at a TCP connection and, if it succeeds, the connection; never used twice. */
export class TcpConnection implements ByteConnection {
  readonly #socket: Socket;
  readonly #events: TcpConnectionEvents;
  readonly #patience: Timer;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BUFFER_LENGTH);
  #frames: Buffer[] = [];
  #ended = false;

  constructor(endpoint: TcpEndpoint, clock: Clock, events: TcpConnectionEvents) {
    this.#events = events;
    this.#socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY,
      // One buffer for the life of the connection, where a data event allocates 64 KiB for each.
      onread: {
        buffer: this.#buffer,
        callback: (count) => this.#read(count),
      },
    });
    this.#patience = clock.after("connect", endpoint.connectTimeout, () => {
      this.#lose(`no connection within ${endpoint.connectTimeout} ms`);
    });
    this.#socket.once("connect", () => this.#connected());
    this.#socket.on("error", (error) => this.#lose(describe(error)));
    this.#socket.once("end", () => this.#lose("closed by the peer"));
    this.#socket.once("close", () => this.#lose("closed"));
  }

  transmit(frame: Buffer): void {
    if (this.#frames.push(frame) === 1) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const frames = this.#frames;
    this.#frames = [];
    const [first] = frames;
    if (this.#ended || first === undefined) return;
    this.#events.flushing();
    this.#socket.write(frames.length === 1 ? first : Buffer.concat(frames));
  }

  /**
   * Ends the connection with a reset and discards what the kernel has not sent: after `destroy()` alone it would still
   * deliver a queued command when the link comes back.
   */
  reset(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#patience.cancel();
    resetSocket(this.#socket);
  }

  #connected(): void {
    if (this.#ended) return;
    this.#patience.cancel();
    this.#events.connected();
  }

  #read(count: number): boolean {
    if (!this.#ended) this.#events.received(this.#buffer.subarray(0, count));
    return true;
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.reset();
    this.#events.lost(reason);
  }
}

/** Attempts at several addresses of one name end in one error without a message of its own. */
function describe(error: Error & { readonly code?: string }): string {
  return error.message === "" ? (error.code ?? error.name) : error.message;
}
