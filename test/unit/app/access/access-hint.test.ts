import assert from "node:assert/strict";
import { accessHint } from "../../../../src/app/access/access-hint.ts";
import type { AccessFailure } from "../../../../src/link/messages.ts";

const asked = { target: "tcp://h:502", unit: 1, writing: false, range: "holding 0..9" };

const HINTS: readonly (readonly [failure: AccessFailure, hint: RegExp])[] = [
  [{ kind: "lineLost", reason: "protocol id 21584 instead of 0" }, /does not speak Modbus\/TCP/],
  [{ kind: "lineLost", reason: "closed by the peer" }, /only one client at a time/],
  [{ kind: "unreachable", reason: "connect ECONNREFUSED" }, /nothing listens on that port/],
  [{ kind: "exception", code: 2 }, /smaller count or another table/],
];

describe("the hint for a failure", () => {
  it("speaks of one register where one was asked for", () => {
    const one = { ...asked, range: "holding 100" };
    const hints = [false, true].map((writing) => accessHint({ kind: "exception", code: 2 }, { ...one, writing }));
    assert.deepEqual(hints, [
      "holding 100 does not exist here; try another table",
      "holding 100 does not exist here, or cannot be written",
    ]);
  });

  for (const [failure, hint] of HINTS) {
    it(`fits ${JSON.stringify(failure)}`, () => assert.match(accessHint(failure, asked) ?? "", hint));
  }
});
