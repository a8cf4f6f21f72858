import { checkAnswer } from "../../modbus/answer-check.ts";
import { type MbapFrame, MBAP_LENGTH, MbapParser } from "./mbap-parser.ts";
import { CRC_LENGTH, StrictPort } from "../line/strict-port.ts";
import { WireIds } from "./wire-ids.ts";

/** What the port finds on the wire beside good answers, which go to modbus-serial. */
export interface StrictPortEvents {
  /** The answer to the request in `slot` is not one; the slot is free again. */
  mismatched(slot: number, reason: string): void;
  /** A frame nobody waits for any more; it was dropped. */
  stray(): void;
  /** The stream cannot be trusted any further: the connection has to be reset. */
  broken(reason: string): void;
}

export interface StrictTcpPortOptions {
  /** Requests in flight at most: the library sees slots 0..window-1. */
  readonly window: number;
  /** Hands one frame to the connection. */
  readonly transmit: (frame: Buffer) => void;
  readonly events: StrictPortEvents;
  /** Told of every frame received and what became of it; `body` (unit and PDU) is valid only during the call. */
  readonly judged?: ((wireId: number, body: Buffer, verdict: string) => void) | undefined;
}

/** Unit and function code: what follows them in an answer may be anything. */
const DATA_AT = 2;
const SHORTEST_BODY = 2;

/** A request whose answer may come. */
interface Asked {
  readonly wireId: number;
  readonly unit: number;
  /** The request's PDU. */
  readonly pdu: Buffer;
}

/**
 * The port of one TCP connection as modbus-serial sees it. Slots stand in for transaction ids, which on the wire are of 16
 * bits and not soon used again, and every response is compared with its request before the library decodes it.
 */
export class StrictTcpPort extends StrictPort {
  readonly #awaited: (Asked | undefined)[];
  readonly #ids = new WireIds<Asked>();
  readonly #parser = new MbapParser(
    (frames) => this.#acceptAll(frames),
    (frame) => this.#mayEndInAnother(frame),
  );
  readonly #transmit: (frame: Buffer) => void;
  readonly #events: StrictPortEvents;
  readonly #judged: StrictTcpPortOptions["judged"];
  readonly #inUse = (id: number): boolean => this.#slotOf(id) >= 0;

  constructor(options: StrictTcpPortOptions) {
    super();
    this.#awaited = new Array<Asked | undefined>(options.window).fill(undefined);
    this.#transmit = options.transmit;
    this.#events = options.events;
    this.#judged = options.judged;
  }

  /** Called by modbus-serial with an RTU frame, its check sum included. */
  write(rtu: Buffer): void {
    const wireId = this.#ids.issue(this.#inUse);
    const length = rtu.length - CRC_LENGTH;
    const frame = Buffer.allocUnsafe(MBAP_LENGTH + length);
    frame.writeUInt16BE(wireId, 0);
    frame.writeUInt16BE(0, 2);
    frame.writeUInt16BE(length, 4);
    rtu.copy(frame, MBAP_LENGTH, 0, length);
    this.#awaited[this._transactionIdWrite] = { wireId, unit: rtu[0] ?? 0, pdu: frame.subarray(MBAP_LENGTH + 1) };
    this.#transmit(frame);
  }

  /** Takes bytes from the connection, in any chunking. */
  receive(chunk: Buffer): void {
    if (!this.isOpen || this.#parser.push(chunk)) return;
    const { state } = this.#parser;
    if (state.state === "poisoned") this.#events.broken(state.reason);
  }

  /** The beginning of a frame is here, and its end is not. */
  get holdsPart(): boolean {
    const { state } = this.#parser;
    return state.state === "collecting" && state.held > 0;
  }

  /** Gives up waiting in `slot`: its wire id is kept out of use until its late answer came. */
  retire(slot: number): void {
    const awaited = this.#awaited[slot];
    if (awaited) this.#ids.retire(awaited.wireId, awaited);
    this.#awaited[slot] = undefined;
  }

  /** An id nobody issued makes what came with it doubtful as well: none of it is accepted. */
  #acceptAll(frames: readonly MbapFrame[]): void {
    const stranger = frames.find(({ transactionId }) => !this.#ids.wasIssued(transactionId));
    if (stranger) this.#judged?.(stranger.transactionId, stranger.body, "never asked");
    if (stranger) return this.#events.broken(`transaction id ${stranger.transactionId} was never issued`);
    for (const { transactionId, body } of frames) this.#accept(transactionId, body);
  }

  #accept(wireId: number, body: Buffer): void {
    if (!this.isOpen) return;
    const slot = this.#slotOf(wireId);
    const awaited = this.#awaited[slot];
    if (!awaited) return this.#unawaited(wireId, body);
    if (body[0] !== awaited.unit) return this.#misnamed(slot, awaited, body);
    const check = checkAnswer(awaited.pdu, body.subarray(1));
    if (check.kind === "ok" || check.kind === "exception") {
      if (this.#endsWithAnother(body, awaited)) return this.#brokeOff(wireId, body);
      this.#judged?.(wireId, body, "accepted");
      return this.#answer(slot, body);
    }
    this.#judged?.(wireId, body, check.kind === "mismatch" ? `mismatch: ${check.reason}` : "another function");
    this.#awaited[slot] = undefined;
    if (check.kind === "mismatch") return this.#events.mismatched(slot, check.reason);
    const reason = `function ${check.code} answers function ${awaited.pdu[0] ?? 0}`;
    this.#events.mismatched(slot, reason);
    this.#events.broken(reason);
  }

  /** Another unit's answer under this id. Whichever of them named the wrong one, no second answer under it can be told to be the right one. */
  #misnamed(slot: number, { wireId, unit }: Asked, body: Buffer): void {
    this.#judged?.(wireId, body, "wrong unit");
    this.retire(slot);
    this.#events.mismatched(slot, `unit ${body[0] ?? 0} answers for unit ${unit}`);
  }

  /**
   * Where exactly as much is missing as the next answer is long, nothing is left of that one to show it. A request that was given up
   * may be answered next as well.
   */
  #endsWithAnother(body: Buffer, own: Asked): boolean {
    for (let at = DATA_AT; at + MBAP_LENGTH + SHORTEST_BODY <= body.length; at++) {
      // The protocol id.
      if (body[at + 2] !== 0 || body[at + 3] !== 0) continue;
      const other = this.#owed(body.readUInt16BE(at));
      if (other && other !== own && mayAnswer(body, at, other)) return true;
    }
    return false;
  }

  /**
   * Where the last bytes of an answer came apart from the others they may be the first ones of another, whose rest is still to come.
   * Where that is so, it is not taken before the next one is here as well.
   */
  #mayEndInAnother({ transactionId, body, tail }: MbapFrame): boolean {
    if (tail === 0 || tail >= MBAP_LENGTH + SHORTEST_BODY || tail > body.length - DATA_AT) return false;
    const end = body.subarray(-tail);
    if ((end[2] ?? 0) !== 0 || (end[3] ?? 0) !== 0) return false;
    if (tail > 3) return end.readUInt16BE(0) !== transactionId && this.#owed(end.readUInt16BE(0)) !== undefined;
    const ids = this.#awaited.flatMap((asked) => asked?.wireId ?? []);
    return ids.some((id) => id !== transactionId && id >> 8 === end[0] && (tail === 1 || (id & 0xff) === end[1]));
  }

  #owed(wireId: number): Asked | undefined {
    return this.#awaited[this.#slotOf(wireId)] ?? this.#ids.retired(wireId);
  }

  #brokeOff(wireId: number, body: Buffer): void {
    this.#judged?.(wireId, body, "broke off");
    this.#events.broken("an answer broke off, and the next one came for its end");
  }

  #unawaited(wireId: number, body: Buffer): void {
    this.#judged?.(wireId, body, "late");
    this.#ids.answered(wireId);
    this.#events.stray();
  }

  #answer(slot: number, body: Buffer): void {
    this.#awaited[slot] = undefined;
    this.deliver(slot, body);
  }

  #slotOf(wireId: number): number {
    for (let slot = 0; slot < this.#awaited.length; slot++) {
      if (this.#awaited[slot]?.wireId === wireId) return slot;
    }
    return -1;
  }
}

/**
 * Whether what has its header at `at` may be an answer to this request that goes on to the end of `body`. One that ends with it may be of
 * any unit: some devices name a wrong one.
 */
function mayAnswer(body: Buffer, at: number, { unit, pdu }: Asked): boolean {
  const start = at + MBAP_LENGTH;
  const end = start + body.readUInt16BE(at + 4);
  const fits = end === body.length || (end > body.length && body[start] === unit);
  return fits && ((body[start + 1] ?? 0) & 0x7f) === pdu[0];
}
