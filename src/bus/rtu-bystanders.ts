import { hasRightCrc, ownLength, SHORTEST_RTU_FRAME } from "./rtu-layout.ts";

/** An intact frame that nobody waited for. */
export interface Bystander {
  readonly unit: number;
  /** `question`: a read request that we did not send. Requests that look like answers are taken for such. */
  readonly kind: "answer" | "question";
  readonly frame: Buffer;
}

export interface Bystanders {
  readonly frames: readonly Bystander[];
  /** Bytes that belong to no intact frame. */
  readonly noise: number;
}

/** Length of every request to read: unit, function code, address, quantity, check sum. */
const QUESTION_LENGTH = 8;

/** Sorts out what came from the line and answered nothing: frames one after the other, noise between them. */
export function bystandersIn(bytes: Buffer): Bystanders {
  const frames: Bystander[] = [];
  let noise = 0;
  for (let at = 0; at < bytes.length;) {
    const found = frameAt(bytes, at);
    if (found) frames.push(found);
    else noise++;
    at += found?.frame.length ?? 1;
  }
  return { frames, noise };
}

function frameAt(bytes: Buffer, at: number): Bystander | undefined {
  const answer = intact(bytes, at, ownLength(bytes, at, bytes.length));
  if (answer) return { unit: bytes[at] ?? 0, kind: "answer", frame: answer };
  const question = isRead(bytes[at + 1]) ? intact(bytes, at, QUESTION_LENGTH) : undefined;
  if (question) return { unit: bytes[at] ?? 0, kind: "question", frame: question };
  const rest = intact(bytes, at, bytes.length - at);
  return rest && { unit: bytes[at] ?? 0, kind: "answer", frame: rest };
}

function intact(bytes: Buffer, at: number, length: number | undefined): Buffer | undefined {
  if (length === undefined || length < SHORTEST_RTU_FRAME || at + length > bytes.length) return undefined;
  return hasRightCrc(bytes, at, at + length) ? bytes.subarray(at, at + length) : undefined;
}

function isRead(code: number | undefined): boolean {
  return code !== undefined && code >= 1 && code <= 4;
}
