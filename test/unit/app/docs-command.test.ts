import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { docs } from "../../../src/app/commands/docs.ts";
import { EXIT } from "../../../src/app/process/exit-code.ts";

const PLANT = fileURLToPath(new URL("../../../config/demo/plant.yaml", import.meta.url));

describe("takt docs", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "takt-docs-command-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function run(file: string, out?: string): { readonly code: number; readonly text: string } {
    const printed: string[] = [];
    const code = docs(file, out === undefined ? {} : { out }, (text) => printed.push(text));
    return { code, text: printed.join("\n") };
  }

  it("prints the schemas of all topics, gateway and pools and devices", () => {
    const { code, text } = run(PLANT);
    const schemas = JSON.parse(text) as Record<string, { readonly title: string }>;
    assert.equal(code, EXIT.done);
    assert.equal(schemas["infeed/state"]?.title, "infeed/state of plant sorting-cell");
    assert.ok("_gw/status" in schemas && "_pool/pickers/job" in schemas && "infeed/cmd/set" in schemas);
  });

  it("leaves out what a device cannot be asked", () => {
    const schemas = JSON.parse(run(PLANT).text) as object;
    assert.ok("meter/state" in schemas && !("meter/cmd/call" in schemas));
  });

  it("writes a file for every topic, as it prints them", () => {
    const target = join(folder, "schemas");
    const { code, text } = run(PLANT, target);
    assert.equal(code, EXIT.done);
    const schemas = JSON.parse(run(PLANT).text) as Record<string, unknown>;
    const of = (topic: string): unknown => JSON.parse(readFileSync(join(target, `${topic}.json`), "utf8"));
    assert.deepEqual(Object.fromEntries(Object.keys(schemas).map((topic) => [topic, of(topic)])), schemas);
    assert.match(text, new RegExp(`the JSON Schemas of ${Object.keys(schemas).length} topics`));
  });

  it("says why it cannot write", () => {
    const { code, text } = run(PLANT, PLANT);
    assert.equal(code, EXIT.invalid);
    assert.match(text, /^takt: E/);
  });

  it("writes nothing for a plant that is not in order", () => {
    const { code, text } = run(join(folder, "none.yaml"), join(folder, "schemas"));
    assert.equal(code, EXIT.invalid);
    assert.match(text, /Nothing was written/);
    assert.ok(!existsSync(join(folder, "schemas")));
  });
});
