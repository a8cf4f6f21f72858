import type { Random } from "../../src/kit/random.ts";
import { type Ms, ms } from "../../src/kit/time.ts";
import { MEDIA, type Medium, type TransactionFault } from "./fault.ts";

/**
 * One of each kind that a master can notice by itself. Not among them: a second slave with the same number, and an answer
 * that is held back for long on a serial wire. Their frames are as good as the right ones.
 */
const makers: readonly ((random: Random, latest: Ms) => TransactionFault)[] = [
  () => ({ kind: "lost" }),
  () => ({ kind: "answerLost" }),
  (random) => ({ kind: "exception", code: one(random, [1, 2, 3, 4, 5, 6, 8, 10, 11]) }),
  (random, latest) => ({ kind: "late", by: ms(latest * 20 ** -random()) }),
  (random) => ({ kind: "split", gap: ms(0.2 * 500 ** random()) }),
  (random) => ({ kind: "dribble", gap: ms(0.2 * 50 ** random()) }),
  () => ({ kind: "repeated" }),
  () => ({ kind: "garbled" }),
  () => ({ kind: "badCrc" }),
  (random) => ({ kind: "noise", where: one(random, ["before", "after"]) }),
  () => ({ kind: "wrongUnit" }),
  () => ({ kind: "wrongFunction" }),
  (random) => ({ kind: "wrongEcho", part: one(random, ["address", "value"]) }),
  () => ({ kind: "wrongByteCount" }),
  () => ({ kind: "wrongBaudRate" }),
  () => ({ kind: "wrongTransaction" }),
  () => ({ kind: "wrongProtocol" }),
  () => ({ kind: "wrongLength" }),
  () => ({ kind: "reset" }),
  () => ({ kind: "halfOpen" }),
];

const USUAL_LATEST = ms(300);

/** A fault of one transaction on such a line; each kind is as likely. */
export function anyFault(medium: Medium, random: Random, latest: Ms = USUAL_LATEST): TransactionFault {
  for (;;) {
    const fault = one(random, makers)(random, latest);
    if (MEDIA[fault.kind].includes(medium)) return fault;
  }
}

function one<T>(random: Random, choices: readonly [T, ...T[]] | readonly T[]): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError("nothing to choose from");
  return choice;
}
