import type { OpenRtuTransport, RtuTransport, RtuTransportEvents } from "../../../src/bus/rtu/rtu-transport.ts";
import { between, type Instant, instant, ms, plus } from "../../../src/kit/time.ts";
import type { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import type { SerialFormat } from "../../../src/modbus/serial-format.ts";
import { characterTime, t35 } from "../../../src/modbus/wire-time.ts";

export interface WireFrame {
  readonly at: Instant;
  readonly bytes: Buffer;
}

/** A serial port in memory, with the wire behind it: frames take their time, and every one is looked at. */
export class MemoryWire {
  readonly frames: WireFrame[] = [];
  /** Silences before a frame that were too short, in milliseconds. */
  readonly violations: number[] = [];
  /** What the slaves do about a frame, at the instant its last byte has left. */
  onFrame: (frame: Buffer) => void = () => undefined;
  /** Set to make the next openings fail. */
  refusal: string | undefined;
  /** Frames are taken and never leave. */
  blocked = false;
  openings = 0;
  closings = 0;
  discards = 0;
  readonly #clock: VirtualClock;
  readonly #format: SerialFormat;
  #events: RtuTransportEvents | undefined;
  #lastByte: Instant = instant(-1e9);

  constructor(clock: VirtualClock, format: SerialFormat) {
    this.#clock = clock;
    this.#format = format;
  }

  readonly open: OpenRtuTransport = (events) => {
    this.openings++;
    if (this.refusal !== undefined) return Promise.reject(new Error(this.refusal));
    this.#events = events;
    const transport: RtuTransport = {
      write: (frame) => this.#write(frame),
      discardInput: () => {
        this.discards++;
      },
      close: () => {
        this.closings++;
        if (this.#events === events) this.#events = undefined;
        return Promise.resolve();
      },
    };
    return Promise.resolve(transport);
  };

  /** Bytes from a slave, in one piece, their last one now. */
  say(bytes: Uint8Array): void {
    this.#lastByte = this.#clock.now();
    this.#events?.received(Buffer.from(bytes));
  }

  lose(reason: string): void {
    const events = this.#events;
    this.#events = undefined;
    events?.lost(reason);
  }

  #write(frame: Buffer): Promise<Instant> {
    const at = this.#clock.now();
    const silence = between(this.#lastByte, at);
    if (silence < t35(this.#format) - 1e-6) this.violations.push(silence);
    this.frames.push({ at, bytes: Buffer.from(frame) });
    if (this.blocked) return new Promise(() => undefined);
    const duration = ms(frame.length * characterTime(this.#format));
    this.#lastByte = plus(at, duration);
    return new Promise((resolve) =>
      this.#clock.after("frame leaves", duration, () => {
        resolve(this.#clock.now());
        this.onFrame(frame);
      }),
    );
  }
}
