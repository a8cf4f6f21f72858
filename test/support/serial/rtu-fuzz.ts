import assert from "node:assert/strict";
import { type Reception, RtuFramer } from "../../../src/bus/rtu/rtu-framer.ts";
import { toHex } from "../../../src/kit/bytes.ts";
import { type Random, seededRandom } from "../../../src/kit/random.ts";
import { below, bytes, type Dialogue, randomDialogue } from "./rtu-frames.ts";
import { answers, firstAnswer, isIntact, rtu } from "./rtu-oracle.ts";

/** Most bytes that may be held for one transaction. */
const MOST_HELD = 260;

export interface FuzzReport {
  readonly frames: number;
  /** Frames times their split points. */
  readonly feeds: number;
  readonly accepted: number;
  readonly mismatches: number;
  readonly waiting: number;
}

type Mutation = (random: Random, dialogue: Dialogue) => Buffer;

const resum = (frame: Buffer): Buffer => rtu(frame.subarray(0, -2));

function changed(random: Random, frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  const at = below(random, copy.length);
  copy[at] = random() < 0.5 ? (copy[at] ?? 0) ^ (1 << below(random, 8)) : below(random, 256);
  return copy;
}

const MUTATIONS: readonly Mutation[] = [
  (_, { answer }) => answer,
  (random, { answer }) => changed(random, answer),
  (random, { answer }) => resum(changed(random, answer)),
  (random, { answer }) => resum(changed(random, changed(random, answer))),
  (random, { answer }) => answer.subarray(0, below(random, answer.length)),
  (random, { answer }) => resum(answer.subarray(0, Math.max(4, below(random, answer.length)))),
  (random, { answer }) => Buffer.concat([Buffer.from(bytes(random, 1 + below(random, 9))), answer]),
  (random, { answer }) => Buffer.concat([answer, Buffer.from(bytes(random, 1 + below(random, 9)))]),
  (random, { answer }) => Buffer.concat([answer.subarray(0, below(random, answer.length)), answer]),
  (random, { answer }) => Buffer.concat([changed(random, answer), answer]),
  (random, { answer }) => Buffer.concat([randomDialogue(random).answer, answer]),
  (random, { answer }) => Buffer.concat([resum(changed(random, answer)), answer]),
  (_, { request, answer }) => Buffer.concat([request, answer]),
  (random, { request, answer }) => Buffer.concat([changed(random, request), answer]),
  (random, { answer }) => {
    const at = below(random, answer.length);
    return Buffer.concat([answer.subarray(0, at), answer.subarray(at + 1)]);
  },
  (random, { answer }) =>
    Buffer.concat([...repeated(answer.subarray(0, 2), 1 + below(random, random() < 0.05 ? 140 : 9)), answer]),
  (random) => Buffer.from(bytes(random, 1 + below(random, 40))),
];

function repeated(piece: Buffer, times: number): Buffer[] {
  return new Array<Buffer>(times).fill(piece);
}

/**
 * Feeds `count` mutated frames to the framer, each over every split point. The oracle: a frame is accepted only if an
 * independent check says that it is a valid answer to exactly that request; where there is one, the framer does not go
 * on waiting; every split gives the same. Throws at the first violation, with what is needed to see it again.
 */
export function fuzzRtuFramer(count: number, seed: number): FuzzReport {
  const random = seededRandom(seed);
  const report = { frames: 0, feeds: 0, accepted: 0, mismatched: 0, waiting: 0 };
  for (let index = 0; index < count; index++) {
    const dialogue = randomDialogue(random);
    const stream = (MUTATIONS[below(random, MUTATIONS.length)] ?? (() => dialogue.answer))(random, dialogue);
    try {
      const kind = checkStream(dialogue.request, stream);
      report.frames++;
      report.feeds += Math.max(1, stream.length);
      report[kind === "mismatch" ? "mismatched" : kind]++;
    } catch (error) {
      const what = `seed ${seed}, frame ${index}\n>> ${toHex(dialogue.request)}\n<< ${toHex(stream)}`;
      throw new assert.AssertionError({ message: `${String(error)}\n${what}` });
    }
  }
  const { mismatched: mismatches, ...rest } = report;
  return { ...rest, mismatches };
}

/** One stream over every split point; gives what became of it. */
export function checkStream(request: Buffer, stream: Buffer): Reception["kind"] {
  const whole = receive(request, [stream]);
  judge(request, stream, whole);
  for (let split = 1; split < stream.length; split++) {
    const found = receive(request, [stream.subarray(0, split), stream.subarray(split)]);
    assert.equal(found.kind, whole.kind, `split at ${split}`);
    assert.equal(found.end, whole.end, `split at ${split}`);
    assert.ok(found.frame.equals(whole.frame), `split at ${split}`);
  }
  return whole.kind;
}

interface Received {
  readonly kind: Reception["kind"];
  readonly frame: Buffer;
  /** Where in the stream it was decided. */
  readonly end: number;
}

export function receive(request: Buffer, chunks: readonly Buffer[], localEcho = false): Received {
  const framer = new RtuFramer({ unit: request.readUInt8(0), request, length: lengthFor(request), localEcho });
  let before = 0;
  for (const chunk of chunks) {
    const found = framer.push(chunk);
    assert.ok(framer.held.length <= MOST_HELD, `${framer.held.length} bytes held`);
    if (found.kind !== "waiting")
      return { kind: found.kind, frame: Buffer.from(found.frame), end: before + found.taken };
    before += chunk.length;
  }
  return { kind: "waiting", frame: Buffer.alloc(0), end: before };
}

function judge(request: Buffer, stream: Buffer, { kind, frame, end }: Received): void {
  const answer = firstAnswer(request, stream);
  if (kind === "waiting") return assert.equal(answer, undefined, "an answer was there");
  assert.ok(stream.subarray(end - frame.length, end).equals(frame), "a frame that did not come");
  if (kind === "accepted") return assert.ok(answers(request, frame), "no answer to this request");
  assert.ok(isIntact(frame) && frame[0] === request[0] && !answers(request, frame), "no mismatch");
  assert.ok(answer === undefined || answer.to > end, "an answer came before the mismatch");
}

/** Length of the answer where the request determines it, by the specification. */
export function lengthFor(request: Buffer): number | undefined {
  const code = request.readUInt8(1);
  if (code === 17 || code === 43) return undefined;
  if (code === 22) return 10;
  if (code === 5 || code === 6 || code === 15 || code === 16) return 8;
  const quantity = request.readUInt16BE(4);
  return 5 + (code <= 2 ? Math.ceil(quantity / 8) : 2 * quantity);
}
