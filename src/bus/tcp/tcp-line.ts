import { gatewayPatience } from "../../config/plant/gateway-patience.ts";
import type { TcpLineSettings } from "../../config/plant/plant.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Logger } from "../../kit/logger.ts";
import type { Random } from "../../kit/random.ts";
import type { Line } from "../line/line.ts";
import { LineCounters } from "../line/line-counters.ts";
import type { Link, LinkEvents } from "../line/link.ts";
import type { PendingTransaction } from "../line/pending-transaction.ts";
import { jitteredReconnect, QueuedLine, type QueuedLineOptions } from "../line/queued-line.ts";
import { type ByteConnection, connectTcp, type ConnectTcp } from "./tcp-connection.ts";
import { TcpSession } from "./tcp-session.ts";
import { TcpTracer } from "./tcp-tracer.ts";
import type { TraceSink } from "../line/trace-sink.ts";

export interface TcpLineOptions {
  readonly settings: TcpLineSettings;
  /** Requests each unit takes at once; 1 where none is given. */
  readonly unitWindows: ReadonlyMap<number, number>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly trace?: TraceSink | undefined;
  /** A network of this machine where none is given. */
  readonly connect?: ConnectTcp | undefined;
  /** Transactions that may wait to be sent in each lane; 1024 where none is given. */
  readonly queueLimit?: number | undefined;
}

/** One Modbus/TCP endpoint with all units behind it: one connection, kept up for ever. */
export function tcpLine(options: TcpLineOptions): Line {
  const { settings, clock } = options;
  const counters = new LineCounters(settings.name, clock.now(), options.unitWindows.keys());
  return new QueuedLine({
    ...options,
    name: settings.name,
    place: { host: settings.host, port: settings.port },
    counters,
    openLink: (events) => new TcpLink(options, counters, events),
    delayAfterConnect: settings.delayAfterConnect,
    reconnect: jitteredReconnect(options.random),
    // Behind a gateway lies a wire that carries one transaction at a time.
    window: settings.gateway ? 1 : settings.window,
    leastTimeout: leastTimeoutOf(settings),
  });
}

function leastTimeoutOf({ gateway }: TcpLineSettings): QueuedLineOptions["leastTimeout"] {
  return gateway && (({ request }) => gatewayPatience(gateway, request));
}

/** A connection and, once it stands, the session on it. */
class TcpLink implements Link {
  readonly #connection: ByteConnection;
  readonly #events: LinkEvents;
  #session: TcpSession | undefined;

  constructor(options: TcpLineOptions, counters: LineCounters, events: LinkEvents) {
    const { settings, clock, connect = connectTcp } = options;
    this.#events = events;
    this.#connection = connect(settings, clock, {
      connected: () => this.#connected(options, counters),
      received: (chunk) => this.#session?.receive(chunk),
      flushing: () => this.#session?.flushing(),
      lost: (reason) => events.lost(reason),
    });
  }

  get proven(): boolean {
    return this.#session?.proven === true;
  }

  /** The windows of line and units are kept by the queue. */
  ready(): boolean {
    return this.#session !== undefined;
  }

  admits(): boolean {
    return true;
  }

  /** Writes go at once: what a cycle asks for afterwards does not hold them up. */
  begin(pending: PendingTransaction): void {
    this.#session?.begin(pending);
    if (pending.transaction.lane === "write") this.#connection.flush();
  }

  end(reason: string): Promise<void> {
    this.#connection.reset();
    this.#session?.end(reason);
    return Promise.resolve();
  }

  #connected({ settings, clock, trace }: TcpLineOptions, counters: LineCounters): void {
    const tracer = trace && new TcpTracer(settings.name, clock, trace);
    this.#session = new TcpSession({
      clock,
      counters,
      window: settings.window,
      transmit: (frame) => {
        tracer?.sent(frame);
        this.#connection.transmit(frame);
      },
      judged: tracer && ((wireId, body, verdict) => tracer.received(wireId, body, verdict)),
      settled: (pending) => this.#events.settled(pending),
      broken: (reason) => {
        counters.reset();
        this.#events.lost(reason);
      },
    });
    this.#events.connected();
  }
}
