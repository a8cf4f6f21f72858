import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { jsonSchemas, schemaText } from "./json-schemas.ts";
import { packageFile } from "../source/package-file.ts";

/** `npm run schema`: writes the JSON Schemas anew. A test fails when they differ from what the code says. */
const folder = join(dirname(packageFile("package.json")), "config/schema");
mkdirSync(folder, { recursive: true });
for (const [name, schema] of jsonSchemas()) writeFileSync(join(folder, name), schemaText(schema));
