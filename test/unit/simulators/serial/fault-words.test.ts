import assert from "node:assert/strict";
import { faultHelp, formatFault, parseFault } from "../../../../simulators/faults/fault-words.ts";
import { MEDIA } from "../../../../simulators/faults/fault.ts";

const words = (text: string) => parseFault(text.split(" ").filter((word) => word !== ""));

describe("the words for faults", () => {
  const said: readonly (readonly [string, unknown])[] = [
    ["lost", { kind: "lost" }],
    ["lost 0.1", { kind: "lost", rate: 0.1 }],
    ["lost 10%", { kind: "lost", rate: 0.1 }],
    ["lost .5 3x", { kind: "lost", rate: 0.5, times: 3 }],
    ["late", { kind: "late", by: 300 }],
    ["late 1.5s 2x", { kind: "late", by: 1500, times: 2 }],
    ["exception", { kind: "exception", code: 4 }],
    ["exception 1", { kind: "exception", code: 1 }],
    ["exception 3x 6", { kind: "exception", code: 6, times: 3 }],
    ["noise after 0.2", { kind: "noise", where: "after", rate: 0.2 }],
    ["noise", { kind: "noise", where: "before" }],
    ["wrongEcho address", { kind: "wrongEcho", part: "address" }],
    ["wrongUnit", { kind: "wrongUnit" }],
    ["wrongUnit 7", { kind: "wrongUnit", as: 7 }],
    ["split 750us", { kind: "split", gap: 0.75 }],
    ["brownOut", { kind: "brownOut", off: 2000, boot: 1000, code: 4 }],
    ["brownOut 3s 500ms 6", { kind: "brownOut", off: 3000, boot: 500, code: 6 }],
    ["babble 50ms", { kind: "babble", every: 50 }],
    ["any 0.01", { kind: "any", latest: 300, rate: 0.01 }],
    ["secondMaster identity", { kind: "secondMaster", every: 500, asks: "identity" }],
  ];
  for (const [text, fault] of said) {
    it(`take "${text}"`, () => {
      const parsed = words(text);
      assert.ok(parsed.ok, JSON.stringify(parsed));
      assert.deepEqual(parsed.value, fault);
      assert.deepEqual(words(formatFault(parsed.value)), parsed, `and read it again as "${formatFault(parsed.value)}"`);
    });
  }

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["", /unknown fault ""; known: lost, /],
    ["toString", /unknown fault "toString"/],
    ["late soon", /"soon" means nothing here; write late \[300ms\] \[rate/],
    ["lost 300ms", /"300ms" means nothing here; write lost \[rate/],
    ["exception 0", /"0" means nothing/],
    ["exception 256", /"256" means nothing/],
    ["noise between", /"between" means nothing/],
    ["lost 0x", /"0x" means nothing/],
    ["late 1s 2s", /"2s" means nothing/],
  ];
  for (const [text, message] of wrong) {
    it(`say what is wrong with "${text}"`, () => {
      const parsed = words(text);
      assert.ok(!parsed.ok);
      assert.match(parsed.failure, message);
    });
  }

  it("have a line of help for every kind", () => {
    const kinds = faultHelp().map((line) => line.trim().split(" ")[0]);
    assert.deepEqual(kinds, Object.keys(MEDIA));
  });
});
