import assert from "node:assert/strict";
import { mustReset, newConnection, nextTrust, type TrustEvent } from "../../../src/bus/line/reset-policy.ts";
import { instant } from "../../../src/kit/time.ts";

/** `a3`: unit 3 answers; `t3`: a read of unit 3 times out; `w3@2`: a write to unit 3, sent at instant 2, times out. */
function resetsAt(story: string): number | undefined {
  let trust = newConnection;
  for (const [index, word] of story.split(" ").entries()) {
    const event = parse(word, index);
    trust = nextTrust(trust, event);
    if (event.kind === "timeout" && mustReset(trust, event)) return index;
  }
  return undefined;
}

function parse(word: string, at: number): TrustEvent {
  const [, kind, unit, sentAt] = /^([atw])(\d+)(?:@(\d+))?$/.exec(word) ?? assert.fail(word);
  if (kind === "a") return { kind: "answered", unit: Number(unit), at: instant(at) };
  return { kind: "timeout", unit: Number(unit), write: kind === "w", sentAt: instant(Number(sentAt ?? at)) };
}

const STORIES: readonly (readonly [story: string, resetsAt: number | undefined, why: string])[] = [
  ["t1", undefined, "one timeout is no evidence"],
  ["t1 t1", 1, "two in a row from the only unit addressed"],
  ["a1 t1 t1", 2, "two in a row from the only unit addressed, that answered before"],
  ["t1 a1 t1 a1 t1", undefined, "an answer in between starts anew"],
  ["t1 t2", 1, "two in a row from distinct units"],
  ["a1 a2 t1 t2", 3, "two in a row from distinct units that answered before"],
  ["t1 a2 t1 a2 t1 a2 t1 a2 t1", undefined, "a dead unit among others that answer"],
  ["a2 t1 t1 t1", undefined, "three in a row from one of several units"],
  ["a2 t1 t1 t1 t1", 4, "four in a row from one of several units"],
  ["a2 t1 t1 t1 a1 t1 t1 t1", undefined, "the count starts anew with an answer"],
  ["a9 a9 t1@0 t2@0 t3@0", undefined, "silent units whose requests were sent before another one answered"],
  ["a9 a9 t1@0 t2 t3", 4, "of which only one was sent before that"],
  ["w1@0", 0, "a write, and nothing ever answered"],
  ["a1 w1@1", 1, "a write, and its own unit answered before"],
  ["a2 w1@1", undefined, "a write, and another unit answered shortly before it was sent"],
  ["a2 w1@1500", 1, "a write, and another unit answered long before it was sent"],
  ["a9 a2 w1@1", undefined, "a write, and another unit answered after it was sent"],
  ["a9 a2 a1 w1@1", undefined, "the newest answer is the unit's own, another came after the sending all the same"],
  ["a2 a1 a1 w1@2000", 3, "only its own unit answered since shortly before the write was sent"],
  ["a9 a2 w1@1 w1@1500", 3, "the second write finds nobody else since"],
  ["a2 w1@1 t2", 2, "a write that another unit's answer vouched for, and then silence from that one as well"],
];

describe("the reset policy", () => {
  for (const [story, expected, why] of STORIES) {
    it(`${expected === undefined ? "keeps the connection" : "resets"}: ${why} (${story})`, () => {
      assert.equal(resetsAt(story), expected);
    });
  }
});
