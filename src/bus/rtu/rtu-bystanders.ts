import { hasRightCrc, ownLength, SHORTEST_RTU_FRAME } from "./rtu-layout.ts";

/** An intact frame that nobody waited for. */
export interface Bystander {
  readonly unit: number;
  /** `question`: a request that we did not send. Requests that look like answers (FC 5, 6, 22) are taken for such. */
  readonly kind: "answer" | "question";
  readonly frame: Buffer;
}

export interface Bystanders {
  readonly frames: readonly Bystander[];
  /** Bytes that belong to no intact frame. */
  readonly noise: number;
}

/** Unit, function code, address, quantity, check sum. */
const READ_QUESTION = 8;
/** Unit, function code, address, quantity, byte count, check sum: what stands around the values of FC 15 and 16. */
const WRITE_QUESTION_OVERHEAD = 9;
const BYTE_COUNT = 6;
/** Unit, function code, check sum. */
const IDENTITY_QUESTION = 4;

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
  const question = intact(bytes, at, questionLength(bytes, at));
  if (question) return { unit: bytes[at] ?? 0, kind: "question", frame: question };
  const rest = intact(bytes, at, bytes.length - at);
  return rest && { unit: bytes[at] ?? 0, kind: "answer", frame: rest };
}

function intact(bytes: Buffer, at: number, length: number | undefined): Buffer | undefined {
  if (length === undefined || length < SHORTEST_RTU_FRAME || at + length > bytes.length) return undefined;
  return hasRightCrc(bytes, at, at + length) ? bytes.subarray(at, at + length) : undefined;
}

function questionLength(bytes: Buffer, at: number): number | undefined {
  const code = bytes[at + 1] ?? 0;
  if (isRead(code)) return READ_QUESTION;
  if (code === 15 || code === 16) return WRITE_QUESTION_OVERHEAD + (bytes[at + BYTE_COUNT] ?? 0);
  return code === 17 ? IDENTITY_QUESTION : undefined;
}

/** Whether a function only reads: its requests look like nothing else. */
export function isRead(code: number): boolean {
  return code >= 1 && code <= 4;
}
