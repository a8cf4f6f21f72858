import { type Instant, type Ms, ms, plus } from "../../src/kit/time.ts";

/** Whoever sends on a wire; told apart by identity. */
export type Talker = object;

/** From one instant to another. */
export interface Span {
  readonly start: Instant;
  readonly end: Instant;
}

/** Characters one talker sent without a pause: from the beginning of the first to the end of the last. */
export interface Heard extends Span {
  readonly from: Talker;
  readonly bytes: Buffer;
}

/** Two that meet in one instant do not overlap because of a rounded number. */
const ROUNDING = 1e-6;

export function overlap(one: Span, other: Span): boolean {
  return one.start < other.end - ROUNDING && one.end > other.start + ROUNDING;
}

/** When the character of this index is on the wire, in a transmission that began at `start`. */
export function characterAt(start: Instant, index: number, character: Ms): Span {
  return { start: plus(start, ms(index * character)), end: plus(start, ms((index + 1) * character)) };
}

/** The runs of characters that do not fall into the `deaf` spans. */
export function audible(heard: Heard, deaf: readonly Span[], character: Ms): readonly Heard[] {
  const runs: Heard[] = [];
  let first = 0;
  for (let index = 0; index <= heard.bytes.length; index++) {
    const at = characterAt(heard.start, index, character);
    if (index < heard.bytes.length && !deaf.some((span) => overlap(span, at))) continue;
    if (index > first) runs.push(part(heard, first, index, character));
    first = index + 1;
  }
  return runs;
}

function part({ from, bytes, start }: Heard, first: number, next: number, character: Ms): Heard {
  return {
    from,
    bytes: bytes.subarray(first, next),
    start: characterAt(start, first, character).start,
    end: characterAt(start, next, character).start,
  };
}
