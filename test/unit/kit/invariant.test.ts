import assert from "node:assert/strict";
import { invariant, InvariantError, unreachable } from "../../../src/kit/invariant.ts";

describe("invariant", () => {
  it("throws only where the condition does not hold", () => {
    invariant(true, "kept");
    assert.throws(() => invariant(false, "broken"), new InvariantError("broken"));
  });

  it("names the case nobody handled, bigints included", () => {
    const stray: unknown = { kind: "new", value: 1n };
    assert.throws(() => unreachable(stray as never), /InvariantError: unreachable case: \{ kind: 'new', value: 1n \}/);
  });
});
