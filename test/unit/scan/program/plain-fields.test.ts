import assert from "node:assert/strict";
import { plainFields } from "../../../../src/scan/program/plain-fields.ts";

describe("the fields that a program logs", () => {
  const within: Record<string, unknown> = { a: 1 };
  within["self"] = within;
  const cases: readonly (readonly [given: unknown, plain: object])[] = [
    [
      { boxes: 3, full: true, at: "exit", none: null },
      { boxes: 3, full: true, at: "exit", none: null },
    ],
    [{ total: 18446744073709551615n }, { total: "18446744073709551615" }],
    [{ all: { a: 1, total: 2n } }, { all: '{"a":1,"total":"2"}' }],
    [{ within }, { within: "object" }],
    [
      { f: () => 1, s: Symbol("x") },
      { f: "function", s: "symbol" },
    ],
    [
      { program: "other", text: "other", dropped: 1 },
      { _program: "other", _text: "other", _dropped: 1 },
    ],
    [{ long: "x".repeat(5000) }, { long: `${"x".repeat(1000)}…` }],
    ["no fields", {}],
    [undefined, {}],
  ];
  for (const [given, plain] of cases) {
    const text = String(typeof given === "object" && given ? Object.keys(given) : given);
    it(`are what a log can hold: ${text}`, () => assert.deepEqual(plainFields(given), plain));
  }

  it("are so many at most", () => {
    assert.equal(
      Object.keys(plainFields(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [at, at])))).length,
      16,
    );
  });
});
