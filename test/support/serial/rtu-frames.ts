import type { Random } from "../../../src/kit/random.ts";
import { rtu } from "./rtu-oracle.ts";

/** A request and a right answer to it, as frames; made without any code of the master. */
export interface Dialogue {
  readonly request: Buffer;
  readonly answer: Buffer;
}

export function randomDialogue(random: Random): Dialogue {
  const unit = 1 + below(random, 247);
  const pdu = requestPdu(random);
  return { request: rtu([unit, ...pdu]), answer: rtu([unit, ...answerPdu(random, pdu)]) };
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function bytes(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => below(random, 256));
}

const CODES = [1, 2, 3, 4, 5, 6, 15, 16, 17, 22, 23, 43];

function requestPdu(random: Random): number[] {
  const code = CODES[below(random, CODES.length)] ?? 3;
  const address = bytes(random, 2);
  const few = 1 + below(random, random() < 0.1 ? 60 : 6);
  switch (code) {
    case 5:
      return [code, ...address, random() < 0.5 ? 0xff : 0, 0];
    case 6:
      return [code, ...address, ...bytes(random, 2)];
    case 15:
      return [code, ...address, 0, few, Math.ceil(few / 8), ...bytes(random, Math.ceil(few / 8))];
    case 16:
      return [code, ...address, 0, few, 2 * few, ...bytes(random, 2 * few)];
    case 17:
      return [code];
    case 22:
      return [code, ...address, ...bytes(random, 4)];
    case 23:
      return [code, ...address, 0, few, ...bytes(random, 2), 0, 1, 2, ...bytes(random, 2)];
    case 43:
      return [code, 14, 1 + below(random, 4), below(random, 4)];
    default:
      return [code, ...address, 0, few];
  }
}

function answerPdu(random: Random, request: readonly number[]): number[] {
  const [code = 0] = request;
  if (random() < 0.1) return [code | 0x80, 1 + below(random, 11)];
  const quantity = request[4] ?? 0;
  switch (code) {
    case 1:
    case 2:
      return counted(random, code, Math.ceil(quantity / 8));
    case 3:
    case 4:
    case 23:
      return counted(random, code, 2 * quantity);
    case 15:
    case 16:
      return request.slice(0, 5);
    case 17:
      return counted(random, code, 2 + below(random, 12));
    case 43:
      return identification(random, request);
    default:
      return [...request];
  }
}

function counted(random: Random, code: number, count: number): number[] {
  return [code, count, ...bytes(random, count)];
}

function identification(random: Random, request: readonly number[]): number[] {
  const [code = 43, mei = 14, category = 1, first = 0] = request;
  const count = category === 4 ? 1 : 1 + below(random, 3);
  const objects = Array.from({ length: count }, (_, index) => {
    const text = bytes(random, below(random, 8));
    return [first + index, text.length, ...text];
  });
  const more = category !== 4 && random() < 0.2;
  return [code, mei, category, 1, more ? 0xff : 0, more ? first + count : 0, count, ...objects.flat()];
}
