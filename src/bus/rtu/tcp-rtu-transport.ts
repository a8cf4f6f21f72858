import type { RtuOverTcpLineSettings } from "../../config/plant/plant.ts";
import type { Clock } from "../../kit/clock.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import { characterTime } from "../../modbus/wire-time.ts";
import type { OpenRtuTransport, RtuTransport, RtuTransportEvents } from "./rtu-transport.ts";
import { type ByteConnection, connectTcp, type ConnectTcp } from "../tcp/tcp-connection.ts";

/** RTU frames through the socket of a serial device server. */
export function tcpRtuTransport(
  settings: RtuOverTcpLineSettings,
  clock: Clock,
  connect: ConnectTcp = connectTcp,
): OpenRtuTransport {
  return (events) =>
    new Promise((resolve, reject) => {
      const transport = new TcpRtuTransport({ settings, clock, connect }, events, {
        opened: () => resolve(transport),
        failed: (reason) => reject(new Error(reason)),
      });
    });
}

interface Opening {
  opened(): void;
  failed(reason: string): void;
}

interface Network {
  readonly settings: RtuOverTcpLineSettings;
  readonly clock: Clock;
  readonly connect: ConnectTcp;
}

class TcpRtuTransport implements RtuTransport {
  readonly #settings: RtuOverTcpLineSettings;
  readonly #clock: Clock;
  readonly #connection: ByteConnection;
  #open = false;

  constructor({ settings, clock, connect }: Network, events: RtuTransportEvents, opening: Opening) {
    this.#settings = settings;
    this.#clock = clock;
    this.#connection = connect(settings, clock, {
      connected: () => {
        this.#open = true;
        opening.opened();
      },
      received: (chunk) => events.received(chunk),
      flushing: () => undefined,
      lost: (reason) => {
        if (this.#open) events.lost(reason);
        else opening.failed(reason);
      },
    });
  }

  /** The last byte leaves the server when it has been on the wire, which begins now at the earliest. */
  write(frame: Buffer): Promise<Instant> {
    this.#connection.transmit(frame);
    return Promise.resolve(plus(this.#clock.now(), ms(frame.length * characterTime(this.#settings.format))));
  }

  /** What has arrived at this end is delivered at once: nothing waits here. */
  discardInput(): void {
    return undefined;
  }

  close(): Promise<void> {
    this.#connection.reset();
    return Promise.resolve();
  }
}
