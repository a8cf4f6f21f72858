import { type AnswerCheck, checkAnswer } from "../../modbus/answer-check.ts";
import { IDENTIFICATION, MEI_DEVICE_IDENTIFICATION } from "../../modbus/identification-layout.ts";
import { endsIdentification, hasRightCrc, ownLength, SHORTEST_RTU_FRAME } from "./rtu-layout.ts";
import { CRC_LENGTH, LONGEST_RTU_FRAME } from "../line/strict-port.ts";

/** What a framer waits for. */
export interface ExpectedAnswer {
  readonly unit: number;
  /** The request as it went out, with its check sum. */
  readonly request: Buffer;
  /** Length of the answer as a frame, where the request determines it. */
  readonly length: number | undefined;
  /** The adapter hears what it sends: nothing is an answer before the request itself has come back. */
  readonly localEcho: boolean;
}

export type Reception =
  /** Nothing decides yet. `damaged`: an answer was here from its head to where it had to end, but its check sum is wrong. */
  | { readonly kind: "waiting"; readonly damaged: boolean }
  /** The answer, an exception included, after `taken` bytes of the chunk; valid until the next call. */
  | { readonly kind: "accepted"; readonly frame: Buffer; readonly taken: number }
  /** An intact frame of the unit and the function that cannot be the answer. */
  | { readonly kind: "mismatch"; readonly frame: Buffer; readonly reason: string; readonly taken: number };

/** Takes the place of a head from which no answer comes any more. */
const OVER = -1;

const WAITING: Reception = { kind: "waiting", damaged: false };
const DAMAGED: Reception = { kind: "waiting", damaged: true };

/**
 * Finds the answer to one request in what comes from the line: the right unit and function, the exact length, the check
 * sum, and a content that answers exactly that request; noise before and after it does not matter. Every byte is judged
 * as it comes, so that any chunking of the same bytes gives the same. Holds no more than the longest frame.
 */
export class RtuFramer {
  readonly #expected: ExpectedAnswer;
  readonly #function: number;
  /** The request, heard again, would pass for its answer (FC 5, 6, 22, and bits that happen to look like it). */
  readonly #answersItself: boolean;
  readonly #held = Buffer.allocUnsafe(LONGEST_RTU_FRAME);
  /** Where in `#held` an answer may begin. */
  #heads: number[] = [];
  #length = 0;
  #echoAwaited: boolean;
  #echoes = 0;

  constructor(expected: ExpectedAnswer) {
    this.#expected = expected;
    this.#function = expected.request[1] ?? 0;
    const pdu = expected.request.subarray(1, -CRC_LENGTH);
    this.#answersItself = checkAnswer(pdu, pdu).kind === "ok";
    this.#echoAwaited = expected.localEcho;
  }

  /** What has come and was not the answer; the oldest of it is forgotten when it is more than a frame. */
  get held(): Buffer {
    return this.#held.subarray(0, this.#length);
  }

  /** How often the request itself was heard. */
  get echoes(): number {
    return this.#echoes;
  }

  /** Takes the next bytes; not to be called again once something was accepted or mismatched. */
  push(chunk: Buffer): Reception {
    let damaged = false;
    for (let at = 0; at < chunk.length; at++) {
      this.#append(chunk[at] ?? 0);
      const found = this.#judge(at + 1);
      if (found.kind !== "waiting") return found;
      damaged = found.damaged;
    }
    return damaged ? DAMAGED : WAITING;
  }

  #append(byte: number): void {
    if (this.#length === LONGEST_RTU_FRAME) this.#forget(1);
    if (byte === this.#expected.unit) this.#heads.push(this.#length);
    this.#held[this.#length++] = byte;
  }

  #forget(count: number): void {
    this.#held.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#heads = this.#heads.map((head) => head - count).filter((head) => head >= 0);
  }

  /** Whether the byte that came last completes anything. Where it ends several intact frames, the answer is the one. */
  #judge(taken: number): Reception {
    if (this.#isEcho()) return this.#skipEcho();
    if (this.#echoAwaited) return WAITING;
    let damaged = false;
    let over = false;
    let mismatched: number | undefined;
    for (let index = 0; index < this.#heads.length; index++) {
      const head = this.#heads[index] ?? OVER;
      const end = this.#endAt(head);
      if (end === "never") {
        this.#heads[index] = OVER;
        over = true;
      }
      if (end !== "may" && end !== "must") continue;
      if (!hasRightCrc(this.#held, head, this.#length)) damaged ||= end === "must";
      else if (this.#isAnswer(head)) return this.#accept(head, taken);
      else mismatched ??= head;
    }
    if (mismatched !== undefined) return this.#mismatch(mismatched, taken);
    if (over) this.#heads = this.#heads.filter((head) => head !== OVER);
    return damaged ? DAMAGED : WAITING;
  }

  /** Whether a frame that begins at `head` may, or must, end with the last byte, or will never end. */
  #endAt(head: number): "not yet" | "may" | "must" | "never" {
    const length = this.#length - head;
    const code = this.#held[head + 1] ?? 0;
    if (length < 2) return "not yet";
    if ((code & 0x7f) !== this.#function) return "never";
    if (length < SHORTEST_RTU_FRAME) return "not yet";
    if (code === IDENTIFY) return this.#identificationEnds(head);
    const own = ownLength(this.#held, head, this.#length) ?? 0;
    const wanted = code === this.#function ? (this.#expected.length ?? own) : own;
    if (length === wanted) return "must";
    if (length === own) return "may";
    return length > own && length > wanted ? "never" : "not yet";
  }

  #identificationEnds(head: number): "not yet" | "may" | "must" | "never" {
    if (this.#held[head + 1 + IDENTIFICATION.mei] !== MEI_DEVICE_IDENTIFICATION) return "never";
    return ENDS[endsIdentification(this.#held, head, this.#length)];
  }

  #isAnswer(head: number): boolean {
    const { kind } = this.#check(head);
    return kind === "ok" || kind === "exception";
  }

  #accept(head: number, taken: number): Reception {
    return { kind: "accepted", frame: this.#takeFrom(head), taken };
  }

  #mismatch(head: number, taken: number): Reception {
    const check = this.#check(head);
    const reason = check.kind === "mismatch" ? check.reason : `function ${this.#held[head + 1] ?? 0}`;
    return { kind: "mismatch", frame: this.#takeFrom(head), reason, taken };
  }

  #check(head: number): AnswerCheck {
    const response = this.#held.subarray(head + 1, this.#length - CRC_LENGTH);
    return checkAnswer(this.#expected.request.subarray(1, -CRC_LENGTH), response);
  }

  #takeFrom(head: number): Buffer {
    const frame = this.#held.subarray(head, this.#length);
    this.#length = head;
    return frame;
  }

  /** A request that would pass for its own answer is an echo only while one is awaited. */
  #isEcho(): boolean {
    const { request } = this.#expected;
    const from = this.#length - request.length;
    if (from < 0 || this.#held[from] !== request[0] || !this.held.subarray(from).equals(request)) return false;
    return this.#echoAwaited || !this.#answersItself;
  }

  /** What came before it came before the request was out. */
  #skipEcho(): Reception {
    this.#echoes++;
    this.#echoAwaited = false;
    this.#length -= this.#expected.request.length;
    this.#heads = [];
    return WAITING;
  }
}

const IDENTIFY = 43;
const ENDS = { no: "not yet", perhaps: "may", counted: "must" } as const;
