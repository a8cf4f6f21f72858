import type { BusEnd } from "../../../simulators/serial/bus-end.ts";
import type { OpenRtuTransport, RtuTransportEvents } from "../../../src/bus/rtu/rtu-transport.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Instant, Ms } from "../../../src/kit/time.ts";
import type { Mishap } from "./mishaps.ts";

export interface LooseAdapterOptions {
  readonly end: BusEnd;
  readonly clock: Clock;
  /** What is received is handed over so much later. */
  readonly latency: Ms;
  /** When the last of so many characters has left that are sent from now on. */
  readonly leaves: (characters: number) => Instant;
  /** Sees every frame of the master. */
  readonly sent: (frame: Uint8Array) => void;
}

/**
 * The adapter between a master and a simulated wire: it can be pulled out, and it can die without a word, until it is opened
 * anew. The instant at which a frame has left is computed, not waited for.
 */
export class LooseAdapter {
  readonly #options: LooseAdapterOptions;
  #events: RtuTransportEvents | undefined;
  #present = true;
  #mute = false;

  constructor(options: LooseAdapterOptions) {
    this.#options = options;
    const { end, clock, latency } = options;
    end.received.on(({ bytes }) => {
      if (latency > 0) clock.after("adapter", latency, () => this.#received(bytes));
      else this.#received(bytes);
    });
  }

  /** Pulled out and put in again; dead without a word until it is opened anew. */
  readonly mishaps: readonly Mishap[] = [() => this.#unplug(), () => this.#die()];

  readonly open: OpenRtuTransport = async (events) => {
    if (!this.#present) throw new Error("no such port");
    this.#events = events;
    this.#mute = false;
    return {
      write: async (frame) => this.#write(frame),
      discardInput: () => undefined,
      close: async () => {
        if (this.#events === events) this.#events = undefined;
      },
    };
  };

  #received(bytes: Buffer): void {
    if (!this.#mute) this.#events?.received(bytes);
  }

  #unplug(): () => void {
    const events = this.#events;
    this.#present = false;
    this.#events = undefined;
    events?.lost("unplugged");
    return () => (this.#present = true);
  }

  #die(): () => void {
    this.#mute = true;
    return () => undefined;
  }

  #write(frame: Buffer): Instant {
    const { end, leaves, sent } = this.#options;
    sent(frame);
    return this.#mute ? leaves(frame.length) : end.write(frame);
  }
}
