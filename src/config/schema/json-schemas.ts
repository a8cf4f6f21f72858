import { z } from "zod";
import { profileSchema } from "../../device/profile-schema.ts";
import { plantSchema } from "../plant/plant-schema.ts";
import { isLeaf, SETTINGS, type SettingLeaf, type SettingTree } from "../settings/settings-schema.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schemas of `config/schema/` by file name: what editors complete and check by. */
export function jsonSchemas(): ReadonlyMap<string, JsonSchema> {
  return new Map<string, JsonSchema>([
    [
      "plant.json",
      titled(
        "takt plant file",
        fromZod(plantSchema, (path) => path[1] === "devices"),
      ),
    ],
    [
      "profile.json",
      titled(
        "takt device profile",
        fromZod(profileSchema, (path) => path[1] !== "profile" && path[1] !== "parameters"),
      ),
    ],
    ["settings.json", titled("takt site settings", { $schema: DRAFT, ...settingTree(SETTINGS) })],
  ]);
}

/** The text of a schema file. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

const DRAFT = "https://json-schema.org/draft/2020-12/schema";

function titled(title: string, schema: JsonSchema): JsonSchema {
  return { title, ...schema };
}

/** `substituted` tells where in a file `${name}` may stand. */
function fromZod(schema: z.ZodType, substituted: (path: readonly PropertyKey[]) => boolean): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema, path }) => {
      const { type } = zodSchema._zod.def;
      if (type === "bigint") jsonSchema.type = "integer";
      if (SCALARS.includes(type) && !path.includes("propertyNames") && substituted(path)) allowPlaceholder(jsonSchema);
    },
  });
}

const SCALARS: readonly string[] = ["number", "int", "boolean", "enum", "string"];

const PLACEHOLDER: z.core.JSONSchema.BaseSchema = { type: "string", pattern: "\\$\\{" };

/** Where a number or a word belongs, `${parameter}` may stand for it. */
function allowPlaceholder(schema: z.core.JSONSchema.BaseSchema): void {
  const takesAnyText =
    schema.pattern === undefined ? schema.enum === undefined : new RegExp(schema.pattern).test("${n}");
  if (schema.type === "string" && takesAnyText) return;
  const { description, ...rest } = schema;
  for (const key of Object.keys(rest)) Reflect.deleteProperty(schema, key);
  schema.anyOf = [rest, PLACEHOLDER];
}

function settingTree(tree: SettingTree): JsonSchema {
  const properties = Object.entries(tree).map(([key, node]) => [key, isLeaf(node) ? setting(node) : settingTree(node)]);
  return { type: "object", properties: Object.fromEntries(properties) as JsonSchema, additionalProperties: false };
}

function setting({ doc, format, default: value }: SettingLeaf): JsonSchema {
  return { description: doc, ...format.jsonSchema, ...(value === null ? {} : { default: value }) };
}
