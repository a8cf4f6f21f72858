import type { Timer } from "../../src/kit/clock.ts";
import { plus } from "../../src/kit/time.ts";
import { endOf, type Frame, type Framing, heard, silent, wholeFrame } from "./framing.ts";
import type { Heard, Talker } from "./heard.ts";
import type { Wire, WireListener } from "./wire.ts";

export interface FrameReceiverOptions {
  readonly wire: Wire;
  /** Who listens: not to itself. Undefined: to everybody. */
  readonly talker?: Talker;
  /** A frame with a right check sum, t3.5 after its end. */
  readonly received: (frame: Frame) => void;
  /** Characters that are no frame, or one that was damaged. */
  readonly damaged: () => void;
}

/** Hears frames on a wire as slaves do: t3.5 of silence ends one, more than t1.5 inside spoils it. */
export class FrameReceiver implements WireListener {
  readonly talker?: Talker;
  readonly #options: FrameReceiverOptions;
  readonly #unlisten: () => void;
  #framing: Framing = silent;
  #timer: Timer | undefined;

  constructor(options: FrameReceiverOptions) {
    this.#options = options;
    if (options.talker) this.talker = options.talker;
    this.#unlisten = options.wire.listen(this);
  }

  hear(next: Heard): void {
    const { framing, ended } = heard(this.#framing, next, this.#options.wire.times);
    this.#framing = framing;
    if (ended) this.#deliver(ended);
    this.#awaitSilence();
  }

  close(): void {
    this.#timer?.cancel();
    this.#unlisten();
  }

  #awaitSilence(): void {
    this.#timer?.cancel();
    const { wire } = this.#options;
    const end = endOf(this.#framing);
    if (end === undefined) return;
    const due = plus(end, wire.times.t35);
    this.#timer = wire.pacer.at("silence on the wire", due, () => {
      // Characters that are on their way end the silence; they are heard when the last of them has passed.
      if (wire.isBusyWithin(end, due)) return;
      const framing = this.#framing;
      this.#framing = silent;
      this.#deliver(framing);
    });
  }

  #deliver(framing: Framing): void {
    const frame = wholeFrame(framing);
    if (frame) this.#options.received(frame);
    else this.#options.damaged();
  }
}
