import { readFileSync } from "node:fs";
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, YAMLParseError } from "yaml";
import { errorMessage } from "../../kit/error-message.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import type { ConfigIssue } from "./config-issue.ts";
import type { Located, LocatedEntry, Place } from "./located.ts";

/** Reads a YAML file; a file that cannot be read, or is no YAML, is told as issues. */
export function readYaml(file: string): Result<Located, readonly ConfigIssue[]> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return err([{ file, line: 1, column: 1, message: `the file cannot be read: ${reasonOf(error)}` }]);
  }
  return parseYaml(text, file);
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return READ_FAILURES[code] ?? errorMessage(error);
}

/** Reads YAML text into values with places. Aliases are refused: parameters and `repeat` say the same with names. */
export function parseYaml(text: string, file: string): Result<Located, readonly ConfigIssue[]> {
  const lines = new LineCounter();
  const issues: ConfigIssue[] = [];
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    // The parser may point past the end of a line that is cut short.
    return { line: Math.max(1, line), column: Math.max(1, Math.min(col, lineLength(text, line) + 1)) };
  };
  const report = (offset: number, message: string): void => {
    issues.push({ file, ...placeAt(offset), message });
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, intAsBigInt: true, prettyErrors: false });
    if (document.errors.some(({ message }) => message.includes(OVERFLOW))) return err([tooDeep(file)]);
    const bare = placesOfBarePlaceholders(text);
    for (const problem of [...document.errors, ...document.warnings]) {
      const line = lines.linePos(Math.min(problem.pos[0], text.length)).line;
      if (!bare.has(line)) report(problem.pos[0], yamlSentence(problem));
      else if (!issues.some((issue) => issue.line === line)) report(bare.get(line) ?? 0, BARE_PLACEHOLDER);
    }
    const root = locate(document.contents, { line: 1, column: 1 }, placeAt, report);
    return issues.length > 0 ? err(issues) : ok(root);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return err([tooDeep(file)]);
  }
}

function lineLength(text: string, line: number): number {
  return text.split("\n", line)[line - 1]?.length ?? 0;
}

/** The parser turns the overflow of its own stack into an error like any other. */
const OVERFLOW = "call stack";

function tooDeep(file: string): ConfigIssue {
  return { file, line: 1, column: 1, message: "the file is nested too deeply" };
}

function yamlSentence(problem: { readonly code: string; readonly message: string }): string {
  if (problem.code === "DUPLICATE_KEY") return "this key was given before in the same map";
  if (problem.code === "MULTIPLE_DOCS") return "the file holds more than one document";
  return `${problem instanceof YAMLParseError ? "no valid YAML" : "YAML"}: ${problem.message}`;
}

const BARE_PLACEHOLDER = 'no valid YAML: between braces a placeholder needs quotes, as in { unit: "${n}" }';

/** Where the first `${` without quotes stands in each line that has one; only asked for lines that are no YAML. */
function placesOfBarePlaceholders(text: string): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  let offset = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const bare = line.replaceAll(/"[^"]*"|'[^']*'|(^|\s)#.*/g, (quoted) => " ".repeat(quoted.length)).indexOf("${");
    if (bare >= 0) places.set(index + 1, offset + bare);
    offset += line.length + 1;
  }
  return places;
}

type PlaceAt = (offset: number) => Place;
type Report = (offset: number, message: string) => void;

function locate(node: unknown, fallback: Place, placeAt: PlaceAt, report: Report): Located {
  const at = startOf(node) === undefined ? fallback : placeAt(startOf(node) ?? 0);
  if (isMap(node)) {
    const entries = node.items.flatMap((pair) => locateEntry(pair, placeAt, report));
    return { kind: "map", at, entries: new Map(entries) };
  }
  if (isSeq(node)) {
    return { kind: "list", at, items: node.items.map((item) => locate(item, at, placeAt, report)) };
  }
  if (isAlias(node)) report(startOf(node) ?? 0, `aliases are not read here: write the value of *${node.source}`);
  if (!isScalar(node)) return { kind: "scalar", at, value: null };
  const hex = node.format === "HEX" && node.source !== undefined ? { hex: node.source } : {};
  return { kind: "scalar", at, value: scalarValue(node.value), ...hex };
}

function locateEntry(pair: unknown, placeAt: PlaceAt, report: Report): (readonly [string, LocatedEntry])[] {
  if (!isPair(pair)) return [];
  const offset = startOf(pair.key) ?? 0;
  const keyAt = placeAt(offset);
  if (!isScalar<string | number | boolean | null>(pair.key) || pair.key.value === null) {
    report(offset, "a key is a plain text");
    return [];
  }
  return [[String(pair.key.value), { keyAt, value: locate(pair.value, keyAt, placeAt, report) }]];
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** Integers are parsed as bigints so that none loses digits; those that a number holds exactly become numbers. */
function scalarValue(value: unknown): string | number | bigint | boolean | null {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}
