import { DURATION_PATTERN } from "../../kit/duration.ts";

/** A JSON Schema, draft 7, which every validator knows. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** There is nothing of that kind. */
export const NOTHING: JsonSchema = { not: {} };

export const TEXT: JsonSchema = { type: "string" };
export const NUMBER: JsonSchema = { type: "number" };
export const WHOLE: JsonSchema = { type: "integer" };
export const COUNT: JsonSchema = { type: "integer", minimum: 0 };
export const FLAG: JsonSchema = { type: "boolean" };
/** Milliseconds since 1970. */
export const TIME: JsonSchema = { type: "integer", description: "milliseconds since 1970" };
export const ID: JsonSchema = { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" };
export const NAME: JsonSchema = { type: "string", minLength: 1, maxLength: 64 };
export const DURATION: JsonSchema = { type: "string", pattern: DURATION_PATTERN.source };

/** Until when a request is meant. */
export const LIFETIME = { ttl: DURATION, notAfter: { type: "number", exclusiveMinimum: 0 } } as const;

export type Properties = Readonly<Record<string, JsonSchema>>;

/** An object with these keys and no other; the keys of `optional` may be missing. */
export function closed(required: Properties, optional: Properties = {}): JsonSchema {
  return { ...open(required, optional), additionalProperties: false };
}

/** An object that may have other keys, too. */
export function open(required: Properties, optional: Properties = {}): JsonSchema {
  return { type: "object", properties: { ...required, ...optional }, required: Object.keys(required) };
}

/** Any keys, with such values. */
export function record(values: JsonSchema): JsonSchema {
  return { type: "object", additionalProperties: values };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

export function oneOf(words: Iterable<string>): JsonSchema {
  const all = [...new Set(words)];
  return all.length === 0 ? NOTHING : { enum: all };
}
