import { BoundedQueue } from "../../src/kit/bounded-queue.ts";
import { type Listenable, Signal } from "../../src/kit/signal.ts";
import { type Instant, type Ms, ms } from "../../src/kit/time.ts";
import { isWholeFrame, MOST_FRAME_BYTES } from "./check-sum.ts";
import type { Heard, Talker } from "./heard.ts";
import type { Wire, WireListener } from "./wire.ts";

/** A request that was begun before t3.5 of silence had passed. */
export interface SilenceViolation {
  readonly at: Instant;
  /** How long it had been silent; negative: somebody was sending. */
  readonly silence: Ms;
}

const VIOLATIONS_KEPT = 100;

const NOTHING = Buffer.alloc(0);

/** Where a master is connected to the wire: what it writes is sent at the wire's pace, what others send it gets. */
export class BusEnd implements WireListener {
  readonly #wire: Wire;
  readonly #received = new Signal<Heard>();
  readonly #violations = new BoundedQueue<SilenceViolation>({ limit: VIOLATIONS_KEPT, whenFull: "dropOldest" });
  readonly #unlisten: () => void;
  readonly #localEcho: () => boolean;
  #violationCount = 0;
  #requestCount = 0;
  #busyUntil: number = Number.NEGATIVE_INFINITY;
  /** What was sent since anybody else was heard: a request may come in pieces. */
  #sent: Buffer = NOTHING;

  constructor(wire: Wire, { localEcho = () => false }: { readonly localEcho?: () => boolean } = {}) {
    this.#wire = wire;
    this.#localEcho = localEcho;
    this.#unlisten = wire.listen(this);
  }

  get talker(): Talker {
    return this;
  }

  /** Called with what others send (and with its own echo), when the last of its characters has ended. */
  get received(): Listenable<Heard> {
    return this.#received;
  }

  /** Requests that were begun so far, and how many of them too early. */
  get counts(): { readonly requests: number; readonly violations: number } {
    return { requests: this.#requestCount, violations: this.#violationCount };
  }

  /** The newest violations since the last call; at most a hundred. */
  takeViolations(): readonly SilenceViolation[] {
    return this.#violations.drain();
  }

  /** How long it will take until everything written so far has left. */
  get backlog(): Ms {
    return ms(Math.max(0, this.#busyUntil - this.#wire.pacer.now()));
  }

  /** Sends from now on, behind what is being sent; returns when the last character will have left. */
  write(bytes: Uint8Array): Instant {
    const now = this.#wire.pacer.now();
    if (this.#beginsRequest(now)) this.#begin(now);
    this.#sent = Buffer.concat([this.#sent, bytes]).subarray(-MOST_FRAME_BYTES);
    const end = this.#wire.send(this, bytes, now);
    this.#busyUntil = end;
    return end;
  }

  hearsItself(): boolean {
    return this.#localEcho();
  }

  hear(heard: Heard): void {
    if (heard.from !== this) this.#sent = NOTHING;
    this.#received.emit(heard);
  }

  close(): void {
    this.#unlisten();
    this.#wire.silence(this);
  }

  /** More bytes of a frame that is not whole yet are no new request, unless t3.5 of silence lies between. */
  #beginsRequest(now: Instant): boolean {
    if (this.#sent.length === 0 || isWholeFrame(this.#sent)) return true;
    return this.#wire.silenceAt(now) >= this.#wire.times.t35;
  }

  #begin(at: Instant): void {
    this.#sent = NOTHING;
    this.#requestCount++;
    const silence = this.#wire.silenceAt(at);
    if (silence >= this.#wire.times.t35 - ROUNDING) return;
    this.#violationCount++;
    this.#violations.push({ at, silence });
  }
}

/** Instants are sums of rounded numbers. */
const ROUNDING = 1e-6;
