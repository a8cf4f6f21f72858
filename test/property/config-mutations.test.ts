import assert from "node:assert/strict";
import fc from "fast-check";
import { isMap, isScalar, parseDocument, visit } from "yaml";
import { fixtureText, readFixture } from "../support/repository/fixture-plants.ts";
import { share } from "../support/mocha/soak.ts";

const FOLDER = "good-plants";
const GOOD = fixtureText(FOLDER, "everything.yaml");
const GARBAGE = [
  "",
  "~",
  "-1",
  "1e99",
  "x",
  "${n}",
  "${",
  "300",
  "[]",
  "{}",
  "[[]]",
  "{ a: { b: 1 } }",
  "0",
  "1.5",
  "true",
  ".nan",
  "'",
  "9223372036854775808",
];

/** The good plant with its `index`-th node taken out or replaced, and so on for every change. */
function mutated(changes: readonly (readonly [index: number, garbage: string | undefined])[]): string {
  const document = parseDocument(GOOD);
  for (const [index, garbage] of changes) {
    let seen = 0;
    visit(document, {
      Pair(_, pair, path) {
        if (seen++ !== index) return undefined;
        const parent = path.at(-1);
        if (garbage === undefined) return visit.REMOVE;
        if (isMap(parent) && isScalar(pair.key)) pair.value = parseDocument(garbage).contents;
        return visit.BREAK;
      },
    });
  }
  return document.toString({ lineWidth: 0 });
}

const change = fc.tuple(fc.nat(45), fc.option(fc.constantFrom(...GARBAGE), { nil: undefined }));

function assertIssuesInside(text: string): void {
  const plant = readFixture(FOLDER, text);
  if (plant.ok) return;
  assert.ok(plant.failure.length > 0, "a refusal without an issue");
  const lines = text.split("\n");
  for (const { file, line, column, message } of plant.failure) {
    if (!file.endsWith("plant.yaml")) continue;
    assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}: ${message}`);
    assert.ok(
      column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1,
      `column ${column} of line ${line}: ${message}`,
    );
  }
}

describe("any change to a good plant", () => {
  it("leaves it good, or is told with places inside the file", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        assertIssuesInside(mutated(changes));
      }),
      { numRuns: share(80) },
    );
  });

  it("holds for text cut and garbled anywhere, too", () => {
    fc.assert(
      fc.property(fc.nat(GOOD.length), fc.nat(12), fc.string({ maxLength: 6, unit: "binary" }), (at, cut, inserted) => {
        assertIssuesInside(GOOD.slice(0, at) + inserted + GOOD.slice(at + cut));
      }),
      { numRuns: share(80) },
    );
  });

  it("is noticed at all: without a line that devices need, the plant is refused", () => {
    const plant = readFixture(FOLDER, GOOD.replace("hall:", "hell:"));
    assert.equal(plant.ok, false);
  });
});
