import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../../../", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, ROOT), "utf8");
const [, statements = ""] = read("docs/sparkplug.md").split("## The statements of the specification");

/** Ids of the page under each test file named there. */
const shown = [...statements.matchAll(/^Shown by \[[^\]]+\]\(\.\.\/([^)]+)\):\n\n(.*?)\.$/gms)].map(
  ([, file = "", list = ""]) => ({ file, ids: idsOf(list) }),
);

function idsOf(text: string): readonly string[] {
  return [...text.matchAll(/`([a-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+)`/g)].map(([, id = ""]) => id);
}

/** Ids in the names of a file's tests. */
function coveredBy(file: string): ReadonlySet<string> {
  const calls = [...read(file).matchAll(/covers\((.*?)\),?\s*(?:async )?\(/gs)].map(([, call = ""]) => call);
  return new Set(
    calls.flatMap((call) => [...call.matchAll(/"([a-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+)"/g)].map(([, id = ""]) => id)),
  );
}

describe("the page about Sparkplug", () => {
  it("accounts for the 200 statements about edge nodes", () => {
    assert.equal(new Set(idsOf(statements)).size, 200);
  });

  for (const { file, ids } of shown) {
    it(`says of ${file} what it shows`, () => {
      assert.deepEqual([...ids].sort(), [...coveredBy(file)].sort());
    });
  }

  it("leaves out no file of tests with ids", () => {
    const folder = "test/unit/mqtt/sparkplug/";
    const files = readdirSync(new URL(folder, ROOT)).map((name) => folder + name);
    const covering = [...files, "test/peers/sparkplug-mosquitto.test.ts"].filter((file) => coveredBy(file).size > 0);
    assert.deepEqual(shown.map(({ file }) => file).sort(), covering.sort());
  });
});
