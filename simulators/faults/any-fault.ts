import type { Random } from "../../src/kit/random.ts";
import { ms } from "../../src/kit/time.ts";
import { MEDIA, type Medium, type TransactionFault } from "./fault.ts";

/**
 * One of each kind that a master can notice by itself. A second slave with the same number is not among them: where it
 * answers alone, its frame is as good as the right one's.
 */
const makers: readonly ((random: Random) => TransactionFault)[] = [
  () => ({ kind: "lost" }),
  () => ({ kind: "answerLost" }),
  (random) => ({ kind: "exception", code: one(random, [1, 2, 3, 4, 5, 6, 8, 10, 11]) }),
  (random) => ({ kind: "late", by: ms(10 * 200 ** random()) }),
  (random) => ({ kind: "split", gap: ms(0.2 * 500 ** random()) }),
  (random) => ({ kind: "dribble", gap: ms(0.2 * 50 ** random()) }),
  () => ({ kind: "merged" }),
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

/** A fault of one transaction on such a line; each kind is as likely. */
export function anyFault(medium: Medium, random: Random): TransactionFault {
  for (;;) {
    const fault = one(random, makers)(random);
    if (MEDIA[fault.kind].includes(medium)) return fault;
  }
}

function one<T>(random: Random, choices: readonly [T, ...T[]] | readonly T[]): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError("nothing to choose from");
  return choice;
}
