import type { LogFields } from "../../kit/logger.ts";

/** Fields of one line, and characters of a text in it. */
const MOST_FIELDS = 16;
const MOST_TEXT = 1000;

/** These are told by takt: a program's own of the same name stand behind an underscore. */
const RESERVED = ["program", "text", "dropped"];

export function plainText(value: unknown): string {
  return short(typeof value === "string" ? value : (json(value) ?? typeof value));
}

/** What a program logs as what a log can hold, whatever it gave: numbers, texts and truths as they are, the rest as short JSON. */
export function plainFields(given: unknown): LogFields {
  if (typeof given !== "object" || given === null) return {};
  const entries = Object.entries(given).slice(0, MOST_FIELDS);
  return Object.fromEntries(entries.map(([key, value]) => [nameOf(short(key)), plain(value)]));
}

function nameOf(key: string): string {
  return RESERVED.includes(key) ? `_${key}` : key;
}

function plain(value: unknown): string | number | boolean | null | undefined {
  switch (typeof value) {
    case "number":
    case "boolean":
    case "undefined":
      return value;
    default:
      return value === null ? null : plainText(value);
  }
}

/** Undefined for a function, and for what cannot be written: an object within itself. */
function json(value: unknown): string | undefined {
  if (typeof value === "bigint") return String(value);
  try {
    return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  } catch {
    return undefined;
  }
}

function short(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
