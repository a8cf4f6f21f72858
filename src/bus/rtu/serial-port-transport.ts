import { SerialPort } from "serialport";
import type { SerialLineSettings } from "../../config/plant/plant.ts";
import type { Clock } from "../../kit/clock.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { InvariantError } from "../../kit/invariant.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import { characterTime } from "../../modbus/wire-time.ts";
import { type DeviceIdentity, deviceIdentity, watchDevice } from "./device-watch.ts";
import type { OpenRtuTransport, RtuTransport, RtuTransportEvents } from "./rtu-transport.ts";
import { adapterPath } from "./serial-adapters.ts";

/** What is used of serialport's bindings: promises, without its stream in between. */
export interface SerialBinding {
  open(options: SerialOpenOptions): Promise<SerialBindingPort>;
}

export interface SerialOpenOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 8;
  readonly parity: string;
  readonly stopBits: 1 | 2;
  /** Nobody else may open the port. */
  readonly lock: boolean;
}

export interface SerialBindingPort {
  read(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  write(frame: Buffer): Promise<void>;
  drain(): Promise<void>;
  flush(): Promise<void>;
  /** Every line that is not named is dropped. */
  set(options: { readonly dtr: boolean; readonly rts: boolean; readonly lowLatency: boolean }): Promise<void>;
  close(): Promise<void>;
}

export interface SerialPortDoors {
  readonly binding?: SerialBinding;
  readonly identity?: DeviceIdentity;
  readonly pathOf?: typeof adapterPath;
}

/** A serial port through the package serialport. */
export function serialPortTransport(
  settings: SerialLineSettings,
  clock: Clock,
  doors: SerialPortDoors = {},
): OpenRtuTransport {
  const { binding = SerialPort.binding as SerialBinding, identity = deviceIdentity, pathOf = adapterPath } = doors;
  return async (events) => {
    const path = await pathOf(settings.adapter);
    const { baudRate, parity, stopBits } = settings.format;
    const opening = { path, baudRate, dataBits: 8, parity, stopBits, lock: true } as const;
    const port = await binding.open(opening).catch((error: unknown) => {
      // The binding's own messages begin with "Error: ".
      throw new Error(errorMessage(error).replace(/^Error: /, ""), { cause: error });
    });
    if (settings.lowLatency) await port.set({ dtr: true, rts: true, lowLatency: true }).catch(() => undefined);
    return new SerialPortTransport({ port, path, settings, clock, identity, events });
  };
}

interface SerialPortTransportOptions {
  readonly port: SerialBindingPort;
  readonly path: string;
  readonly settings: SerialLineSettings;
  readonly clock: Clock;
  readonly identity: DeviceIdentity;
  readonly events: RtuTransportEvents;
}

const READ_LENGTH = 512;

/** Reads without a byte in a row after which the port is taken for hung up: each is a turn through the thread pool. */
const MOST_EMPTY_READS = 100;

class SerialPortTransport implements RtuTransport {
  readonly #options: SerialPortTransportOptions;
  readonly #endWatch: () => void;
  #stale = true;
  #ended = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: SerialPortTransportOptions) {
    const { path, clock, identity } = options;
    this.#options = options;
    this.#endWatch = watchDevice(path, clock, identity, () => this.#lose(`${path} is gone`));
    this.#read().catch((error: unknown) => {
      if (error instanceof InvariantError) throw error;
      this.#lose(errorMessage(error));
    });
  }

  /**
   * With the driver's word that all has left, and never before the frame's time on the wire is over: USB adapters say
   * so when they have taken it.
   */
  async write(frame: Buffer): Promise<Instant> {
    const { port, clock, settings } = this.#options;
    if (this.#stale) await port.flush();
    this.#stale = false;
    const begun = clock.now();
    await port.write(frame);
    await port.drain();
    const now = clock.now();
    const computed = plus(begun, ms(frame.length * characterTime(settings.format)));
    return computed > now ? computed : now;
  }

  /** What the driver holds is discarded before the next frame is written. */
  discardInput(): void {
    this.#stale = true;
  }

  close(): Promise<void> {
    if (!this.#ended) this.#end();
    return this.#closing;
  }

  #end(): void {
    this.#ended = true;
    this.#endWatch();
    this.#closing = this.#options.port.close().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { port, events } = this.#options;
    const buffer = Buffer.allocUnsafeSlow(READ_LENGTH);
    for (let empty = 0; empty < MOST_EMPTY_READS;) {
      const { bytesRead } = await port.read(buffer, 0, buffer.length);
      if (this.#ended) return;
      empty = bytesRead > 0 ? 0 : empty + 1;
      if (bytesRead > 0) events.received(buffer.subarray(0, bytesRead));
    }
    this.#lose("hung up");
  }

  #lose(reason: string): void {
    if (this.#ended) return;
    this.#end();
    this.#options.events.lost(reason);
  }
}
