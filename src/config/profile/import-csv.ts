import { CsvError, parse } from "csv-parse/sync";
import { stringify } from "yaml";
import { err, ok, type Result } from "../../kit/result.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { NAME_PATTERN } from "../../device/file-words.ts";
import { type ConfigIssue, sortIssues } from "../source/config-issue.ts";
import { type AddressBase, csvLocation } from "./csv-address.ts";
import { type Located, type LocatedEntry, type LocatedScalar, type Place, plain } from "../source/located.ts";
import { readProfile } from "./read-profile.ts";

export interface CsvImport {
  /** Named in the issues. */
  readonly file: string;
  /** Of the profile to be: `maker/model`. */
  readonly profile: string;
  readonly base: AddressBase;
}

/** What a list became. */
export interface ImportedProfile {
  /** The text of `devices/<maker>/<model>.yaml`. */
  readonly yaml: string;
  readonly tags: number;
}

const COLUMNS = [
  "name",
  "at",
  "table",
  "address",
  "type",
  "length",
  "count",
  "order",
  "scale",
  "offset",
  "unit",
  "access",
  "write",
  "class",
  "title",
] as const;

type Column = (typeof COLUMNS)[number];

/**
 * Makes a profile of a list of tags, one a row, with a header; cells are parted by comma or semicolon. What is wrong
 * with a row is told with its line; the rules are those of a profile.
 */
export function importCsv(text: string, options: CsvImport): Result<ImportedProfile, readonly ConfigIssue[]> {
  const { file, profile: name } = options;
  const rows = readRows(text);
  if (!rows.ok) return err([{ file, ...rows.failure }]);
  const [header, ...body] = rows.value;
  if (!header || body.length === 0) {
    return err([{ file, line: 1, column: 1, message: "the list has no rows", hint: "a header, then one tag a row" }]);
  }
  const columns = readHeader(header);
  const issues: ConfigIssue[] = columns.issues.map((issue) => ({ file, ...issue }));
  const tags = new Map<string, LocatedEntry>();
  /** Rows that have no name, or one that was there: nothing comes of them but their other mistakes. */
  const others: (readonly [string, LocatedEntry])[] = [];
  for (const row of body) {
    const cells = cellsOf(row, columns.names);
    const at: Place = { line: row.line, column: 1 };
    const report = (message: string): void => void issues.push({ file, ...at, message });
    if (row.cells.length > columns.names.length) report("there are more cells than columns");
    const tagName = nameOf(cells.get("name") ?? "");
    const entry = { keyAt: at, value: tagOf(tagName, cells, { at, report, base: options.base }) };
    if (tagName === "") report("the name is missing");
    else if (tags.has(tagName)) report(`tag ${tagName} was listed before`);
    if (tagName === "" || tags.has(tagName)) others.push([tagName || "nameless", entry]);
    else tags.set(tagName, entry);
  }
  const root = profileOf(name, tags);
  const roots = [root, ...others.map((other) => profileOf(name, new Map([other])))];
  const read = roots.flatMap((each) => readProfile({ file, root: each }, { name }).issues);
  issues.push(...read.filter(({ message }) => !message.includes(TOLD_ALREADY)));
  if (issues.length > 0) return err(sortIssues(issues));
  return ok({ yaml: stringify(plain(root), { lineWidth: 0, flowCollectionPadding: true }), tags: tags.size });
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

function readRows(text: string): Result<readonly Row[], Omit<ConfigIssue, "file">> {
  try {
    const records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    }) as unknown as readonly { readonly info: { readonly lines: number }; readonly record: readonly string[] }[];
    return ok(records.map(({ info, record }) => ({ line: lineOf(info.lines, record), cells: record })));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error["lines"] === "number" ? error["lines"] : 1;
    return err({ line, column: 1, message: `no valid CSV: ${error.message}` });
  }
}

/** csv-parse names the line on which a record ends. */
function lineOf(end: number, record: readonly string[]): number {
  return end - record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);
}

function delimiterOf(text: string): "," | ";" {
  const [header = ""] = text.split("\n", 1);
  return header.split(";").length > header.split(",").length ? ";" : ",";
}

interface Header {
  /** Undefined: a column that is not understood. */
  readonly names: readonly (Column | undefined)[];
  readonly issues: readonly Omit<ConfigIssue, "file">[];
}

function readHeader({ line, cells }: Row): Header {
  const names = cells.map((cell) => COLUMNS.find((column) => column === cell.toLowerCase()));
  const at = { line, column: 1 };
  const issues: Omit<ConfigIssue, "file">[] = [];
  for (const [index, cell] of cells.entries()) {
    const column = names[index];
    if (!column) issues.push({ ...at, message: `unknown column "${cell}"`, hint: didYouMean(cell, COLUMNS) });
    else if (names.indexOf(column) < index) issues.push({ ...at, message: `column ${column} is there twice` });
  }
  if (!names.includes("name")) issues.push({ ...at, message: "the column name is missing" });
  if (!names.includes("at") && !names.includes("address")) {
    issues.push({ ...at, message: "there is neither a column at nor a column address" });
  }
  return { names, issues };
}

type Cells = ReadonlyMap<Column, string>;

/** The cells that hold something. */
function cellsOf({ cells }: Row, names: Header["names"]): Cells {
  return new Map(
    cells.flatMap((cell, index) => {
      const column = names[index];
      return column === undefined || cell === "" ? [] : [[column, cell] as const];
    }),
  );
}

/** `Motor temp. (left)` becomes `motorTempLeft`; a name that is one already stays. */
function nameOf(written: string): string {
  if (NAME_PATTERN.test(written)) return written;
  const words = written.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const [first = "", ...others] = words.map((word) => word.toLowerCase());
  return (first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")).slice(0, 64);
}

interface RowContext {
  readonly at: Place;
  readonly report: (message: string) => void;
  readonly base: AddressBase;
}

const NUMBERS: readonly Column[] = ["length", "count", "scale", "offset"];
const PLAIN: readonly Column[] = ["order", "unit", "class"];

function tagOf(name: string, cells: Cells, context: RowContext): Located {
  const entries = new Map<string, LocatedScalar | Located>();
  entries.set("at", locationOf(cells, context));
  const type = cells.get("type");
  if (type !== undefined) entries.set("type", typeOf(type));
  for (const column of NUMBERS) {
    const cell = cells.get(column);
    if (cell !== undefined) entries.set(column, numberOf(cell));
  }
  for (const column of PLAIN) {
    const cell = cells.get(column);
    if (cell !== undefined) entries.set(column, cell);
  }
  const title = cells.get("title") ?? (cells.get("name") === name ? undefined : cells.get("name"));
  if (title !== undefined) entries.set("title", title);
  writeOf(cells, entries, context);
  return mapOf(context.at, entries);
}

function mapOf(at: Place, entries: ReadonlyMap<string, LocatedScalar | Located>): Located {
  const located = [...entries].map(([key, value]) => {
    const node: Located = typeof value === "object" && value !== null ? value : { kind: "scalar", at, value };
    return [key, { keyAt: at, value: node }] as const;
  });
  return { kind: "map", at, entries: new Map(located) };
}

/** What a profile says of the place of a row that {@link locationOf} found none for. */
const TOLD_ALREADY = 'at: "" is no location';

function locationOf(cells: Cells, { base, report }: RowContext): string {
  const at = cells.get("at");
  if (at !== undefined) return at;
  const location = csvLocation(cells.get("address") ?? "", cells.get("table") ?? "", base);
  if (!location.ok) report(location.failure);
  return location.ok ? location.value : "";
}

/** What makers call the types. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  bit: "bool",
  boolean: "bool",
  word: "uint16",
  uint: "uint16",
  u16: "uint16",
  int: "int16",
  s16: "int16",
  i16: "int16",
  dword: "uint32",
  udint: "uint32",
  u32: "uint32",
  dint: "int32",
  s32: "int32",
  i32: "int32",
  u64: "uint64",
  ulint: "uint64",
  s64: "int64",
  i64: "int64",
  lint: "int64",
  real: "float32",
  float: "float32",
  f32: "float32",
  lreal: "float64",
  double: "float64",
  f64: "float64",
};

function typeOf(written: string): string {
  const word = written.toLowerCase();
  return Object.hasOwn(TYPE_WORDS, word) ? (TYPE_WORDS[word] ?? word) : word;
}

/** A decimal comma is one where it cannot be anything else; text that is no number is left for the checks to name. */
function numberOf(cell: string): number | string {
  const text = cell.replace(/^(-?\d+),(\d+)$/, "$1.$2");
  return /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text) ? Number(text) : cell;
}

const READ_ONLY = ["r", "ro", "read", "read only"];
const READ_WRITE = ["rw", "r/w", "read/write"];
const WRITE_ONLY = ["w", "wo", "write", "write only"];

/** Outputs that can be read back are levels; those that cannot are written on demand and not looked at. */
function writeOf(cells: Cells, entries: Map<string, LocatedScalar | Located>, { at, report }: RowContext): void {
  const access = cells.get("access")?.toLowerCase() ?? (cells.has("write") ? "rw" : "r");
  const kind = cells.get("write") ?? "level";
  if (READ_ONLY.includes(access)) {
    if (cells.has("write")) report(`access ${access} and write ${kind} contradict each other`);
    return;
  }
  const rule = new Map([["kind", kind]]);
  if (WRITE_ONLY.includes(access)) {
    entries.set("class", "onDemand");
    rule.set("verify", "echo");
  } else if (!READ_WRITE.includes(access)) return report(`"${access}" is no access; write r, rw or w`);
  entries.set("write", mapOf(at, rule));
}

function profileOf(name: string, tags: ReadonlyMap<string, LocatedEntry>): Located {
  const at: Place = { line: 1, column: 1 };
  const entries = new Map<string, LocatedScalar | Located>([
    ["profile", name],
    ["title", name],
    ["tags", { kind: "map", at, entries: tags }],
  ]);
  return mapOf(at, entries);
}
