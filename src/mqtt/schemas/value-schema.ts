import type { CommandArg } from "../../device/device-command.ts";
import { linearScale } from "../../device/linear-scale.ts";
import type { Range, Tag } from "../../device/tag.ts";
import { type JsonSchema, oneOf } from "./json-schema.ts";

/** What a tag is worth where it has a value. */
export function valueSchema(tag: Tag): JsonSchema {
  return { ...arrayOf(tag, scalarSchema(tag, tag.valid)), ...about(tag) };
}

/** What a command may set it to. */
export function writtenSchema(tag: Tag): JsonSchema {
  return { ...arrayOf(tag, scalarSchema({ ...tag, whole: false }, tag.write?.range)), ...about(tag) };
}

export function argSchema({ type, range, values, title, unit }: CommandArg): JsonSchema {
  const said = about({ title, unit });
  if (type === "enum") return { ...oneOf(values), ...said };
  if (type === "bool") return { type: "boolean", ...said };
  return type === "string" ? { type, ...said } : { type, ...limits(range), ...said };
}

function about({ title, unit }: Pick<Tag, "title" | "unit">): JsonSchema {
  const description = [title, unit && `in ${unit}`].filter((part) => part !== undefined).join(", ");
  return description === "" ? {} : { description };
}

function arrayOf({ count }: Tag, items: JsonSchema): JsonSchema {
  return count === undefined ? items : { type: "array", items, minItems: count, maxItems: count };
}

/** `whole: false`: a number that is not is rounded to what the registers hold. */
function scalarSchema(tag: Tag & { readonly whole?: false }, range: Range | undefined): JsonSchema {
  switch (tag.type) {
    case "bool":
      return { type: "boolean" };
    case "string":
      return { type: "string", ...(tag.length === undefined ? {} : { maxLength: tag.length }) };
    case "enum":
      return oneOf(tag.values?.values() ?? []);
    case "int64":
    case "uint64":
    case "bcd64":
      return {
        anyOf: [
          { type: "number", ...limits(range) },
          { type: "string", pattern: "^-?\\d{1,20}$" },
        ],
      };
    case "float32":
    case "float64":
      return { type: "number", ...limits(range) };
    default: {
      const whole = tag.whole !== false && linearScale(tag.scale, tag.offset).whole;
      return { type: whole ? "integer" : "number", ...limits(range) };
    }
  }
}

function limits(range: Range | undefined): JsonSchema {
  return range === undefined ? {} : { minimum: range.min, maximum: range.max };
}
