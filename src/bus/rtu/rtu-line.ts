import type { RtuOverTcpLineSettings, SerialLineSettings } from "../../config/plant/plant.ts";
import { doubling } from "../../kit/backoff.ts";
import type { Clock, Timer } from "../../kit/clock.ts";
import { errorMessage } from "../../kit/error-message.ts";
import type { LogFields, Logger } from "../../kit/logger.ts";
import type { Random } from "../../kit/random.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import { formatSerial } from "../../modbus/serial-format.ts";
import type { Line } from "../line/line.ts";
import { LineCounters } from "../line/line-counters.ts";
import type { Link, LinkEvents } from "../line/link.ts";
import type { PendingTransaction } from "../line/pending-transaction.ts";
import { Quarantine } from "./quarantine.ts";
import { jitteredReconnect, QueuedLine, type Reconnect } from "../line/queued-line.ts";
import { mustReset } from "../line/reset-policy.ts";
import { RtuListener } from "./rtu-listener.ts";
import { RtuSession, type RtuSessionOptions } from "./rtu-session.ts";
import { rtuTiming } from "./rtu-timing.ts";
import type { OpenRtuTransport, RtuTransport } from "./rtu-transport.ts";
import type { TraceSink } from "../line/trace-sink.ts";
import type { WaitUntil } from "./wait-until.ts";

export interface RtuLineOptions {
  readonly settings: RtuOverTcpLineSettings | SerialLineSettings;
  /** Units that are counted each by itself; others count for the line alone. */
  readonly units?: Iterable<number> | undefined;
  readonly openTransport: OpenRtuTransport;
  readonly clock: Clock;
  /** How the silence before every frame is waited for. */
  readonly wait: WaitUntil;
  readonly random: Random;
  readonly logger: Logger;
  readonly trace?: TraceSink | undefined;
  /** Transactions that may wait to be sent in each lane; 1024 where none is given. */
  readonly queueLimit?: number | undefined;
}

/** One wire of RTU frames with all units on it: one transaction at a time, the port kept open for ever. */
export function rtuLine(options: RtuLineOptions): Line {
  const { settings, clock, random } = options;
  const counters = new LineCounters(settings.name, clock.now(), options.units ?? []);
  const quarantine = new Quarantine();
  return new QueuedLine({
    ...options,
    name: settings.name,
    place: placeOf(settings),
    counters,
    openLink: (events) => new RtuLink(options, counters, quarantine, events),
    delayAfterConnect: settings.delayAfterConnect,
    reconnect: settings.kind === "serial" ? PATIENT_RECONNECT : jitteredReconnect(random),
    window: 1,
    unitWindows: new Map(),
  });
}

const SERIAL_PAUSES = { first: ms(1000), most: ms(30_000) };

/** Nobody else waits for a port of this machine: its pauses need no chance. */
const PATIENT_RECONNECT: Reconnect = {
  limits: SERIAL_PAUSES,
  pause: (attempt) => doubling(attempt, SERIAL_PAUSES),
};

/** Longest that opening or closing may take: a driver may hang in either. */
const MOST_OPENING = ms(15_000);
const MOST_CLOSING = ms(2000);

/** A port on which nobody has answered for so long, and so often, may be an adapter that was pulled out in silence. */
const SILENCE = ms(30_000);
const MOST_SILENCES = 8;

function placeOf(settings: RtuOverTcpLineSettings | SerialLineSettings): LogFields {
  const format = formatSerial(settings.format);
  if (settings.kind === "rtuOverTcp") return { host: settings.host, port: settings.port, format };
  const { adapter } = settings;
  return { adapter: "path" in adapter ? adapter.path : `${adapter.vendor}:${adapter.product}`, format };
}

/** A transport and, once it is open, the session on it. */
class RtuLink implements Link {
  readonly #options: RtuLineOptions;
  readonly #counters: LineCounters;
  readonly #quarantine: Quarantine;
  readonly #events: LinkEvents;
  readonly #patience: Timer;
  readonly #begun: Instant;
  #transport: RtuTransport | undefined;
  #session: RtuSession | undefined;
  #ended = false;

  constructor(options: RtuLineOptions, counters: LineCounters, quarantine: Quarantine, events: LinkEvents) {
    this.#options = options;
    this.#counters = counters;
    this.#quarantine = quarantine;
    this.#events = events;
    this.#begun = options.clock.now();
    this.#patience = options.clock.after("open", MOST_OPENING, () => {
      this.#lose(`not open within ${MOST_OPENING} ms`);
    });
    const transportEvents = {
      received: (chunk: Buffer) => this.#session?.receive(chunk),
      lost: (reason: string) => this.#lose(reason),
    };
    options.openTransport(transportEvents).then(
      (transport) => this.#opened(transport),
      (error: unknown) => this.#lose(errorMessage(error)),
    );
  }

  get proven(): boolean {
    return this.#session?.proven === true;
  }

  ready(): boolean {
    return this.#session?.ready() === true;
  }

  admits(unit: number): boolean {
    return this.#session?.admits(unit) === true;
  }

  begin(pending: PendingTransaction): void {
    this.#session?.begin(pending);
  }

  end(reason: string): Promise<void> {
    this.#ended = true;
    this.#patience.cancel();
    this.#session?.end(reason);
    return this.#transport ? this.#close(this.#transport) : Promise.resolve();
  }

  #opened(transport: RtuTransport): void {
    if (this.#ended) {
      this.#close(transport).catch(() => undefined);
      return;
    }
    const { settings, clock, wait, trace } = this.#options;
    const quarantine = this.#quarantine;
    const counters = this.#counters;
    this.#patience.cancel();
    this.#transport = transport;
    this.#session = new RtuSession({
      clock,
      wait,
      counters,
      timing: rtuTiming(settings),
      localEcho: settings.localEcho,
      quarantine,
      transport,
      listener: new RtuListener({
        line: settings.name,
        localEcho: settings.localEcho,
        counters,
        quarantine,
        trace,
        overheard: (what) => this.#events.overheard(what),
      }),
      mustReset: settings.kind === "rtuOverTcp" ? mustReset : this.#mustReopen,
      ready: () => this.#events.ready(),
      settled: (pending) => this.#events.settled(pending),
      broken: (reason) => {
        counters.reset();
        this.#lose(reason);
      },
    });
    this.#events.connected();
  }

  /** A serial port has no buffer on the way from which an old write could return, and costs a second to reopen. */
  readonly #mustReopen: RtuSessionOptions["mustReset"] = (trust) => {
    const since = plus(trust.lastAnswer?.at ?? this.#begun, SILENCE);
    return trust.silences >= MOST_SILENCES && since <= this.#options.clock.now();
  };

  #lose(reason: string): void {
    if (!this.#ended) this.#events.lost(reason);
  }

  /** A driver that hangs in closing is left to itself. */
  #close(transport: RtuTransport): Promise<void> {
    const { clock, logger, settings } = this.#options;
    return new Promise((resolve) => {
      const patience = clock.after("close", MOST_CLOSING, resolve);
      const done = (): void => {
        patience.cancel();
        resolve();
      };
      transport.close().then(done, (error: unknown) => {
        logger.warn("line.close.failed", { line: settings.name, reason: errorMessage(error) });
        done();
      });
    });
  }
}
