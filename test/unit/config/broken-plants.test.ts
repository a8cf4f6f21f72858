import assert from "node:assert/strict";
import { fixturePlants, fixtureText, issueLines, readFixture } from "../../support/repository/fixture-plants.ts";

/** Every fixture ends with the issues that it is to be told, one a line. */
function expectedOf(text: string): readonly string[] {
  const [, expected = ""] = text.split("# expect:\n");
  return expected
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^# /, ""));
}

for (const folder of ["broken-plants", "broken-profiles"]) {
  describe(`what is wrong in ${folder}`, () => {
    for (const name of fixturePlants(folder)) {
      it(`is told all at once, each with its place: ${name}`, () => {
        const text = fixtureText(folder, name);
        const plant = readFixture(folder, text);
        assert.ok(expectedOf(text).length > 0, "the fixture expects nothing");
        assert.deepEqual(plant.ok ? [] : issueLines(folder, name, plant.failure), expectedOf(text));
      });
    }
  });
}
