import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { jsonSchemas, schemaText } from "./json-schemas.ts";

/** `npm run schema`: writes the JSON Schemas anew. A test fails when they differ from what the code says. */
const folder = new URL("config/schema/", import.meta.resolve("#package/package.json"));
mkdirSync(folder, { recursive: true });
for (const [name, schema] of jsonSchemas()) writeFileSync(fileURLToPath(new URL(name, folder)), schemaText(schema));
