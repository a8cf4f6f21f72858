import type { Timer } from "../../src/kit/clock.ts";
import type { Random } from "../../src/kit/random.ts";
import { between, type Instant, instant, type Ms, ms, plus } from "../../src/kit/time.ts";
import { audible, characterAt, type Heard, overlap, type Talker } from "./heard.ts";
import type { Pacer } from "./pacer.ts";
import { type WireFormat, type WireTimes, wireTimes } from "./wire-format.ts";

export interface WireListener {
  /** Who listens: it does not hear itself, nor what others send meanwhile. Undefined: a probe that hears everything. */
  readonly talker?: Talker;
  /** Two-wire adapters may hear what they send. */
  hearsItself?(): boolean;
  /** Called when the last of the characters has ended. */
  hear(heard: Heard): void;
}

export interface WireOptions {
  readonly format: WireFormat;
  readonly pacer: Pacer;
  /** What becomes of characters that collide. */
  readonly random: Random;
  /**
   * Characters are handed over in pieces of about this time, as from a receiver with a small buffer; 1 ms where it is not
   * given. A long one makes long runs in virtual time cheaper, and listeners blind to what is in the air.
   */
  readonly handOver?: Ms | undefined;
}

interface Transmission {
  readonly from: Talker;
  readonly bytes: Buffer;
  readonly start: Instant;
  readonly end: Instant;
  delivered: number;
  timer: Timer | undefined;
}

/** Within t3.5, so that whoever listens knows in time that somebody sends. */
const USUAL_HAND_OVER = ms(1);

const LEAST_HANDED_OVER = 2;

const ON_WIRE = "characters on the wire";

/**
 * A two-wire bus. What one talker sends all others hear, every character after its time. Where the characters of two
 * talkers overlap, both are garbled for everybody.
 */
export class Wire {
  readonly format: WireFormat;
  readonly times: WireTimes;
  readonly pacer: Pacer;
  readonly #random: Random;
  readonly #piece: number;
  readonly #listeners = new Set<WireListener>();
  #transmissions: Transmission[] = [];
  #forgottenEnd = instant(Number.NEGATIVE_INFINITY);

  constructor({ format, pacer, random, handOver = USUAL_HAND_OVER }: WireOptions) {
    this.format = format;
    this.times = wireTimes(format);
    this.pacer = pacer;
    this.#piece = Math.max(LEAST_HANDED_OVER, Math.ceil(handOver / this.times.character));
    this.#random = random;
  }

  /** Returns the function that ends the listening. */
  listen(listener: WireListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends at `at`, or as soon as what the talker sends already has ended; an instant that has just passed is taken as
   * it is, so that a late timer does not make a late wire. Returns when the last character ends.
   */
  send(from: Talker, bytes: Uint8Array, at: Instant): Instant {
    const start = instant(Math.max(at, this.#endOf(from)));
    const end = plus(start, ms(bytes.length * this.times.character));
    if (bytes.length === 0) return start;
    const transmission: Transmission = {
      from,
      bytes: Buffer.from(bytes),
      start,
      end,
      delivered: 0,
      timer: undefined,
    };
    this.#transmissions.push(transmission);
    this.#awaitPiece(transmission);
    return end;
  }

  /** How long nobody has sent anything at `at`; negative while somebody sends. */
  silenceAt(at: Instant): Ms {
    let last = this.#forgottenEnd;
    for (const { start, end } of this.#transmissions) if (start <= at && end > last) last = end;
    return between(last, at);
  }

  /** Whether a character was, is or is already sure to be on the wire between the two instants. */
  isBusyWithin(from: Instant, to: Instant): boolean {
    return this.#transmissions.some((transmission) => overlap(transmission, { start: from, end: to }));
  }

  /** Takes back what the talker has not sent yet. */
  silence(talker: Talker): void {
    this.#drop((transmission) => transmission.from === talker);
  }

  /** Everything that is under way is lost. */
  close(): void {
    this.#drop(() => true);
    this.#listeners.clear();
  }

  #drop(isDropped: (transmission: Transmission) => boolean): void {
    for (const transmission of this.#transmissions.filter(isDropped)) transmission.timer?.cancel();
    this.#transmissions = this.#transmissions.filter((transmission) => !isDropped(transmission));
  }

  #endOf(talker: Talker): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const { from, end } of this.#transmissions) if (from === talker) last = Math.max(last, end);
    return last;
  }

  #awaitPiece(transmission: Transmission): void {
    const { start, end, bytes, delivered } = transmission;
    const next = delivered + this.#piece;
    if (next >= bytes.length) {
      transmission.timer = this.pacer.at(ON_WIRE, end, () => this.#deliver(transmission, bytes.length));
      return;
    }
    const due = plus(start, ms(next * this.times.character));
    transmission.timer = this.pacer.about(ON_WIRE, due, () => {
      // A late timer brings everything that has come meanwhile.
      const passed = Math.floor(between(start, this.pacer.now()) / this.times.character);
      this.#deliver(transmission, Math.min(bytes.length, Math.max(next, passed)));
    });
  }

  #deliver(transmission: Transmission, next: number): void {
    const { from, start, bytes, delivered } = transmission;
    const at = (index: number): Instant => plus(start, ms(index * this.times.character));
    const heard = { from, bytes: this.#garbled(transmission, delivered, next), start: at(delivered), end: at(next) };
    transmission.delivered = next;
    transmission.timer = undefined;
    if (next < bytes.length) this.#awaitPiece(transmission);
    const pieces = new Map<Talker | undefined, readonly Heard[]>();
    for (const listener of [...this.#listeners]) {
      const known = pieces.get(listener.talker) ?? this.#audibleTo(listener.talker, heard);
      pieces.set(listener.talker, known);
      if (listener.talker === from && listener.hearsItself?.() !== true) continue;
      for (const piece of known) listener.hear(piece);
    }
    this.#forget();
  }

  /** The characters from `first` to before `next` as they arrive. */
  #garbled(transmission: Transmission, first: number, next: number): Buffer {
    const { start } = transmission;
    const all = transmission.bytes;
    const bytes = Buffer.from(first === 0 && next === all.length ? all : all.subarray(first, next));
    if (this.#transmissions.length === 1) return bytes;
    const others = this.#transmissions.filter(({ from }) => from !== transmission.from);
    for (let index = first; others.length > 0 && index < next; index++) {
      const character = characterAt(start, index, this.times.character);
      if (!others.some((other) => overlap(other, character))) continue;
      bytes[index - first] = (bytes[index - first] ?? 0) ^ (1 + Math.floor(this.#random() * 255));
    }
    return bytes;
  }

  /** What is left of it for a listener that may have been sending itself. */
  #audibleTo(talker: Talker | undefined, heard: Heard): readonly Heard[] {
    if (this.#transmissions.every(({ from }) => from === heard.from)) return [heard];
    const own = this.#transmissions.filter(({ from }) => from === talker && from !== heard.from);
    return own.length === 0 ? [heard] : audible(heard, own, this.times.character);
  }

  /** What has been heard and can meet nothing any more. */
  #forget(): void {
    const under = this.#transmissions.filter(({ delivered, bytes }) => delivered < bytes.length);
    if (under.length === this.#transmissions.length) return;
    const horizon = Math.min(...under.map(({ start }) => start));
    this.#transmissions = this.#transmissions.filter((transmission) => {
      const kept = transmission.delivered < transmission.bytes.length || transmission.end > horizon;
      if (!kept) this.#forgottenEnd = instant(Math.max(this.#forgottenEnd, transmission.end));
      return kept;
    });
  }
}
