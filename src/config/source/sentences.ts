import type { z } from "zod";
import { didYouMean } from "../../device/did-you-mean.ts";
import type { Finding } from "../../device/finding.ts";

type ZodIssue = z.core.$ZodIssue;

/** What zod found in `data`, in our own words. */
export function findingsOf(issues: readonly ZodIssue[], data: unknown): readonly Finding[] {
  return issues.flatMap((issue) => sentences(issue, data));
}

function sentences(issue: ZodIssue, data: unknown): readonly Finding[] {
  const path = issue.path;
  const given = valueAt(data, path);
  const label = pathLabel(path);
  const about = label === "" ? "" : `${label}: `;
  if (given === undefined && issue.code !== "unrecognized_keys") {
    return [{ path, message: `"${label}" is missing` }];
  }
  if (issue.message.startsWith("is ")) return [{ path, message: `${about}${shown(given)} ${issue.message}` }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], issue.message.split(" ")));
    case "invalid_type":
      return [withExample({ path, message: `${about}expected ${kindName(issue.expected)}, got ${shown(given)}` })];
    case "invalid_value":
      return [invalidValue(path, given, issue.values.map(String))];
    case "invalid_union":
      return unionSentences(issue, data, `${about}${shown(given)}`);
    case "invalid_key":
      return [{ path, message: `${about}${issue.issues[0]?.message ?? issue.message}`, atKey: true }];
    case "too_small":
      return [{ path, message: `${about}${shown(given)} has too few entries: at least ${issue.minimum} are needed` }];
    case "too_big":
      return [{ path, message: `${about}${shown(given)} has too many entries: at most ${issue.maximum} fit` }];
    case "custom":
      return [{ path, message: `${about}${issue.message}` }];
    default:
      return [{ path, message: `${about}${shown(given)} does not fit here (${issue.message})` }];
  }
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): Finding {
  const message = `unknown key "${pathLabel(path)}"`;
  return { path, message, hint: didYouMean(String(path.at(-1)), known), atKey: true };
}

function invalidValue(path: readonly PropertyKey[], given: unknown, known: readonly string[]): Finding {
  if (typeof given !== "string") {
    return { path, message: `${pathLabel(path)}: expected one of ${known.join(", ")}, got ${shown(given)}` };
  }
  const parent = pathLabel(path.slice(0, -1));
  const message = `${parent === "" ? "" : `${parent}: `}unknown ${String(path.at(-1))} "${given}"`;
  return { path, message, hint: didYouMean(given, known) };
}

/** How the keys that take a map or one of several shapes are written. */
const EXAMPLES: Readonly<Record<string, string>> = {
  write: "write: { kind: level }",
  verify: "verify: readback, echo, none, or { expect: { running: true } }",
  tcp: "tcp: { host: 192.168.1.50 }",
  values: "values: { 0: off, 1: on }",
  heartbeat: "heartbeat: { tag: alive, every: 500ms, timeout: 2s, covers: [run] }",
};

function withExample(finding: Finding): Finding {
  const example = EXAMPLES[String(finding.path.at(-1))];
  return example === undefined ? finding : { ...finding, hint: `as in ${example}` };
}

/** The words of the one alternative that was meant, where the shape of the value says which; else all of them. */
function unionSentences(
  issue: Extract<ZodIssue, { code: "invalid_union" }>,
  data: unknown,
  about: string,
): readonly Finding[] {
  const meant = issue.errors.find((branch) => branch.length > 0 && branch.every((inner) => isInside(inner)));
  if (meant) {
    const inside = meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
    return findingsOf(inside, data);
  }
  const expected = issue.errors.flatMap((branch) => branch.flatMap(alternative));
  const finding = {
    path: issue.path,
    message: `${about} does not fit here`,
    hint: `expected ${expected.join(" or ")}`,
  };
  return [withExample(finding)];
}

function isInside(issue: ZodIssue): boolean {
  return issue.path.length > 0 || issue.code === "unrecognized_keys";
}

function alternative(issue: ZodIssue): readonly string[] {
  if (issue.code === "invalid_type") return [kindName(issue.expected)];
  if (issue.code === "invalid_value") return issue.values.map(String);
  return [];
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  bigint: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
  tuple: "a list of two, as in [0, 2]",
};

function kindName(expected: string): string {
  return KIND_NAMES[expected] ?? expected;
}

const LONGEST_SHOWN = 40;

/** A value as people wrote it: text in quotes, what is long cut. */
export function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) {
    const simple = value.every((item) => typeof item !== "object");
    return simple && value.length <= 4 ? `[${value.join(", ")}]` : "a list";
  }
  if (typeof value === "object") return "a map";
  if (typeof value === "string") {
    const text = withoutSecrets(value);
    return `text "${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}"`;
  }
  const plain = typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
  return plain ? String(value) : typeof value;
}

/** The user and password of an address are nobody's business on a screen or in a journal. */
function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//***@");
}

/** `write.range[1]`. */
function pathLabel(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    data,
  );
}
