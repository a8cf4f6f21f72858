import { type Ms, ms } from "../../kit/time.ts";
import type { RecordedFrame } from "./recording.ts";

/** What came on the line after a question, and how long after it. */
export interface Reply {
  readonly after: Ms;
  readonly bytes: Buffer;
}

interface Exchange {
  readonly question: RecordedFrame;
  readonly replies: Reply[];
}

/** Where the unit begins; before it, TCP frames have what changes from question to question. */
const HEADER = { rtu: 0, tcp: 6 } as const;

/** The recording of one line as a slave: to each question what once came after it, in order, then from the start again. */
export class Playback {
  readonly #exchanges = new Map<string, Exchange[]>();
  readonly #played = new Map<string, number>();

  constructor(frames: readonly RecordedFrame[]) {
    const asked: Exchange[] = [];
    for (const frame of frames) {
      if (frame.direction === "sent") asked.push({ question: frame, replies: [] });
      else reply(answeredBy(asked, frame), frame);
    }
    for (const exchange of asked) {
      const key = keyOf(exchange.question.protocol, exchange.question.bytes);
      this.#exchanges.set(key, [...(this.#exchanges.get(key) ?? []), exchange]);
    }
  }

  /** Different questions. */
  get questions(): number {
    return this.#exchanges.size;
  }

  /** Whether `bytes` may become an RTU question that is known. */
  mayBecome(bytes: Buffer): boolean {
    const begun = keyOf("rtu", bytes);
    return [...this.#exchanges.keys()].some((key) => key.startsWith(begun));
  }

  /** What follows `question`; undefined where the recording does not know it. */
  replies(protocol: RecordedFrame["protocol"], question: Buffer): readonly Reply[] | undefined {
    const key = keyOf(protocol, question);
    const exchanges = this.#exchanges.get(key);
    const turn = this.#played.get(key) ?? 0;
    const exchange = exchanges?.[turn % exchanges.length];
    if (!exchange) return undefined;
    this.#played.set(key, turn + 1);
    if (protocol === "rtu") return exchange.replies;
    return exchange.replies.map((reply) => ({ ...reply, bytes: withIdOf(question, exchange.question, reply.bytes) }));
  }
}

/** TCP frames name their question; RTU frames follow it. */
function answeredBy(asked: readonly Exchange[], { protocol, bytes }: RecordedFrame): Exchange | undefined {
  if (protocol === "rtu") return asked.at(-1);
  return asked.findLast(({ question }) => idOf(question.bytes) === idOf(bytes)) ?? asked.at(-1);
}

/** What came before the first question answers none. */
function reply(exchange: Exchange | undefined, { at, bytes }: RecordedFrame): void {
  exchange?.replies.push({ after: ms(Math.max(0, at - exchange.question.at)), bytes: Buffer.from(bytes) });
}

function idOf(bytes: Uint8Array): string {
  return `${bytes[0] ?? ""} ${bytes[1] ?? ""}`;
}

/** A reply that named its question names the new one. */
function withIdOf(question: Buffer, recorded: RecordedFrame, reply: Buffer): Buffer {
  if (idOf(reply) !== idOf(recorded.bytes)) return reply;
  return Buffer.concat([question.subarray(0, 2), reply.subarray(2)]);
}

function keyOf(protocol: RecordedFrame["protocol"], bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex", HEADER[protocol]);
}
