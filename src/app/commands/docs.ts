import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatIssues } from "../../config/source/config-issue.ts";
import { loadPlant } from "../../config/plant/load-plant.ts";
import { payloadSchemas } from "../../mqtt/schemas/payload-schemas.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import { errorMessage } from "../../kit/error-message.ts";

/** `takt docs`: the JSON Schema of every payload of a plant, printed by topic or as a file for each. */
export function docs(file: string, options: { readonly out?: string }, print: (text: string) => void): ExitCode {
  const plant = loadPlant(file);
  if (!plant.ok) {
    print(formatIssues(plant.failure, "Nothing was written."));
    return EXIT.invalid;
  }
  const schemas = payloadSchemas(plant.value);
  const { out } = options;
  if (out === undefined) {
    print(JSON.stringify(Object.fromEntries(schemas), undefined, 2));
    return EXIT.done;
  }
  try {
    for (const [topic, schema] of schemas) write(join(out, `${topic}.json`), schema);
  } catch (error) {
    print(`takt: ${errorMessage(error)}`);
    return EXIT.invalid;
  }
  print(`${out}: the JSON Schemas of ${schemas.size} topics of ${plant.value.devices.size} devices.`);
  return EXIT.done;
}

function write(path: string, schema: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(schema, undefined, 2)}\n`);
}
