import assert from "node:assert/strict";
import { failureText } from "../../support/mocha/summary-reporter.ts";

const failed = (err: unknown) => failureText({ titlePath: () => ["a belt", "moves"], err: err as Error }).split("\n");

describe("what a failing test prints", () => {
  it("is its name, its message and the calls in our files", () => {
    const error = new Error("it stood still");
    error.stack = [
      "Error: it stood still",
      "    at move (/work/src/belt.ts:3:1)",
      "    at Context.<anonymous> (/work/test/belt.test.ts:9:2)",
      "    at callFn (/work/node_modules/mocha/lib/runnable.js:1:1)",
      "    at process.processImmediate (node:internal/timers:483:21)",
    ].join("\n");
    assert.deepEqual(failed(error), [
      "a belt > moves",
      "   it stood still",
      "   at move (/work/src/belt.ts:3:1)",
      "   at Context.<anonymous> (/work/test/belt.test.ts:9:2)",
    ]);
  });

  it("is short, however much the test found wrong", () => {
    const long = failed(new Error(`${"x".repeat(5000)}\n${"line\n".repeat(1000)}`));
    assert.ok(long.length < 35, `${long.length} lines`);
    assert.ok(long.every((line) => line.length < 300));
    assert.match(long.join("\n"), /4800 more characters[^]*977 more lines/);
  });

  it("says what was thrown that is no error", () => {
    assert.deepEqual(failed("a word"), ["a belt > moves", "   a word"]);
  });
});
