/** Transaction id, protocol id, length: what stands before the unit in Modbus/TCP (Messaging on TCP/IP V1.0b, 3.1.3). */
export const MBAP_LENGTH = 6;

/** Largest Modbus/TCP frame: header, unit and the largest PDU. */
const MAX_ADU_LENGTH = 260;

/** Unit and function code at least, unit and the largest PDU at most. */
const LEAST_LENGTH = 2;
const MOST_LENGTH = MAX_ADU_LENGTH - MBAP_LENGTH;

/** One frame: its transaction id and what follows the header (unit, then PDU). */
export interface MbapFrame {
  readonly transactionId: number;
  /** Valid only while the sink is called. */
  readonly body: Buffer;
  /** How many bytes came last, after the others of the frame; 0: it came as a whole. */
  readonly tail: number;
}

/** Whether the tail of a frame may be the beginning of another one: then it waits for what follows. */
export type Doubts = (frame: MbapFrame) => boolean;

/** Takes the frames that came together, in their order. */
export type FrameSink = (frames: readonly MbapFrame[]) => void;

/** `held` bytes of a frame wait for the rest; after a bad header nothing is a frame any more: a TCP stream has no marks to find it by. */
export type MbapState =
  { readonly state: "collecting"; readonly held: number } | { readonly state: "poisoned"; readonly reason: string };

/**
 * Cuts a TCP stream into Modbus/TCP frames; any chunking of a sound stream gives the same frames. A frame is passed on
 * when nothing follows it or what follows is a frame, too: an answer that broke off takes the beginning of the next one
 * for its end, and only what is left of that one shows it. What is left may come later: see {@link Doubts}. Holds one
 * frame and the part of another at most.
 */
export class MbapParser {
  readonly #held = Buffer.allocUnsafe(MAX_ADU_LENGTH);
  readonly #sink: FrameSink;
  readonly #doubts: Doubts;
  #frames: MbapFrame[] = [];
  #length = 0;
  #poison: string | undefined;

  constructor(sink: FrameSink, doubts: Doubts = () => false) {
    this.#sink = sink;
    this.#doubts = doubts;
  }

  get state(): MbapState {
    return this.#poison === undefined
      ? { state: "collecting", held: this.#length + (this.#frames[0]?.body.length ?? 0) }
      : { state: "poisoned", reason: this.#poison };
  }

  /** Takes the next bytes of the stream; false from the first bad header on, and no frame of that chunk is passed on. */
  push(chunk: Buffer): boolean {
    let at = this.#length > 0 ? this.#complete(chunk) : 0;
    while (this.#poison === undefined && at < chunk.length) at = this.#take(chunk, at);
    if (this.#poison !== undefined) return false;
    this.#passOn();
    return true;
  }

  /** All that was found but the last frame, when that is followed by the part of another or may end with one. */
  #passOn(): void {
    const frames = this.#frames;
    const last = frames.at(-1);
    const doubtful = this.#length > 0 || (last && this.#doubts(last)) ? frames.pop() : undefined;
    this.#frames = doubtful ? [{ ...doubtful, body: Buffer.from(doubtful.body) }] : [];
    if (frames.length > 0) this.#sink(frames);
  }

  /** Finds the frame at `at`, or keeps the part of it that is here; returns where it ended. */
  #take(chunk: Buffer, at: number): number {
    if (chunk.length - at < MBAP_LENGTH) return this.#hold(chunk, at, chunk.length);
    const length = this.#frameLength(chunk, at);
    if (length === undefined || at + length > chunk.length) return this.#hold(chunk, at, chunk.length);
    this.#frames.push({
      transactionId: wordAt(chunk, at),
      body: chunk.subarray(at + MBAP_LENGTH, at + length),
      tail: 0,
    });
    return at + length;
  }

  /** Adds to the frame begun earlier; returns how many bytes of `chunk` that took. */
  #complete(chunk: Buffer): number {
    const at = this.#hold(chunk, 0, Math.max(0, MBAP_LENGTH - this.#length));
    if (this.#length < MBAP_LENGTH) return at;
    const length = this.#frameLength(this.#held, 0);
    if (length === undefined) return at;
    const end = this.#hold(chunk, at, at + length - this.#length);
    if (this.#length === length) {
      this.#length = 0;
      const body = Buffer.from(this.#held.subarray(MBAP_LENGTH, length));
      this.#frames.push({ transactionId: wordAt(this.#held, 0), body, tail: end });
    }
    return end;
  }

  /** Keeps `chunk[from..to)`, or what there is of it; returns where it ended. */
  #hold(chunk: Buffer, from: number, to: number): number {
    const end = Math.min(to, chunk.length);
    this.#length += chunk.copy(this.#held, this.#length, from, end);
    return end;
  }

  /** Bytes of the frame whose header is at `at`; undefined, and the stream poisoned, when that is no header. */
  #frameLength(bytes: Buffer, at: number): number | undefined {
    const protocol = wordAt(bytes, at + 2);
    const length = wordAt(bytes, at + 4);
    if (protocol !== 0) this.#poison = `protocol id ${protocol} instead of 0`;
    else if (length >= LEAST_LENGTH && length <= MOST_LENGTH) return MBAP_LENGTH + length;
    else this.#poison = `length ${length} is outside ${LEAST_LENGTH}..${MOST_LENGTH}`;
    return undefined;
  }
}

function wordAt(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
