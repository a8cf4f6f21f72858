import assert from "node:assert/strict";
import { keptVariables } from "../../../src/app/scan/kept-variables.ts";
import type { Kept } from "../../../src/link/messages.ts";

describe("retained variables in the store", () => {
  it("come back to the program that kept them, the newest of each", () => {
    const kept: Kept[] = [];
    const before = keptVariables(new Map(), (one) => kept.push(one));
    assert.equal(before.load("sort"), undefined);
    before.changed("sort", { boxes: 1, lane: "left" });
    before.changed("sort", { boxes: 2 });
    before.changed("sorting", { boxes: 7 });
    const recalled = new Map(kept.map(({ key, value }) => [key, value]));
    const after = keptVariables(recalled, () => undefined);
    assert.deepEqual(after.load("sort"), { boxes: 2, lane: "left" });
    assert.deepEqual(after.load("sorting"), { boxes: 7 });
    assert.equal(after.load("other"), undefined);
  });
});
