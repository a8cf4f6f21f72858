import type { Timer } from "../../src/kit/clock.ts";
import { type Instant, type Ms, plus } from "../../src/kit/time.ts";
import type { Pacer } from "./pacer.ts";

export interface PacketsOptions {
  readonly pacer: Pacer;
  /** What arrived is sent on after this silence, or when the packet is full; 0: at once. */
  readonly packetTime: Ms;
}

const FULL_PACKET = 1024;

const NOTHING = Buffer.alloc(0);

/** Collects what arrives on the wire into packets. */
export class Packets {
  readonly #options: PacketsOptions;
  readonly #send: (packet: Buffer) => void;
  #bytes: Buffer = NOTHING;
  #timer: Timer | undefined;

  constructor(options: PacketsOptions, send: (packet: Buffer) => void) {
    this.#options = options;
    this.#send = send;
  }

  add(bytes: Buffer, heardUntil: Instant): void {
    const { pacer, packetTime } = this.#options;
    this.#timer?.cancel();
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    if (packetTime <= 0 || this.#bytes.length >= FULL_PACKET) return this.#flush();
    this.#timer = pacer.at("packet time", plus(heardUntil, packetTime), () => this.#flush());
  }

  close(): void {
    this.#timer?.cancel();
  }

  #flush(): void {
    const packet = this.#bytes;
    this.#bytes = NOTHING;
    this.#send(packet);
  }
}
