import assert from "node:assert/strict";
import fc from "fast-check";
import { TextLines } from "../../../../src/app/control/text-lines.ts";

describe("a stream of lines", () => {
  it("gives the same lines in every chunking", () => {
    const lines = ["{}", "", "größer", "x".repeat(64)];
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 8 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const stream = new TextLines(64);
        const got = edges
          .slice(1)
          .flatMap((end, index) => stream.push(bytes.subarray(edges[index], end)) ?? ["too long"]);
        assert.deepEqual(got, lines);
      }),
    );
  });

  it("ends with a line that is too long, finished or not", () => {
    assert.equal(new TextLines(4).push(Buffer.from("12345")), undefined);
    assert.equal(new TextLines(4).push(Buffer.from("12345\n")), undefined);
    assert.deepEqual(new TextLines(4).push(Buffer.from("1234\n1234")), ["1234"]);
  });
});
