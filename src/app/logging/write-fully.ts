import { writeSync } from "node:fs";

const clock = new Int32Array(new SharedArrayBuffer(4));
/** A reader that does not read for so many milliseconds loses text. */
const PATIENCE = 20;

/**
 * Writes all of `text` to a descriptor, from any thread, without the main loop's help. False: the reader is gone or does
 * not read; what was not written is lost.
 */
export function writeFully(descriptor: number, text: string | Uint8Array): boolean {
  let rest = Buffer.from(text);
  for (let waits = 0; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (!isFull(error) || waits++ >= PATIENCE) return false;
      Atomics.wait(clock, 0, 0, 1);
    }
  }
  return true;
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
