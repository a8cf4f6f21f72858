import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { jsonSchemas, schemaText } from "../../../src/config/schema/json-schemas.ts";

const FOLDER = new URL("../../../config/schema/", import.meta.url);

describe("the JSON Schemas in config/schema", () => {
  for (const [name, schema] of jsonSchemas()) {
    it(`are what the code checks by: ${name} (npm run schema writes them anew)`, () => {
      assert.equal(readFileSync(new URL(name, FOLDER), "utf8"), schemaText(schema));
    });
  }

  it("let a parameter stand where a number belongs, in profiles and devices only", () => {
    const plant = schemaText(jsonSchemas().get("plant.json") ?? {});
    const { properties } = JSON.parse(plant) as { properties: Record<string, unknown> };
    const placeholders = (part: string): boolean => JSON.stringify(properties[part]).includes("\\\\$\\\\{");
    assert.deepEqual(["plant", "scan", "lines", "devices"].map(placeholders), [false, false, false, true]);
  });
});
