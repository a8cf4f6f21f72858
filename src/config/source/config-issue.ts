import { relative } from "node:path";

/** One mistake in a file that a person wrote: where it is, what is wrong, how to mend it. */
export interface ConfigIssue {
  readonly file: string;
  /**
   * 1 for the first line; a mistake of the file as a whole has line and column 1, one that is in no file at all (an
   * environment variable) 0.
   */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

const LONGEST_LINE = 120;

/** In the order of reading: by file, line and column; a mistake told twice is kept once. */
export function sortIssues(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  const sorted = issues.toSorted(
    (a, b) =>
      compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.message, b.message),
  );
  const seen = new Set<string>();
  return sorted.filter((issue) => {
    const key = JSON.stringify(issue);
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * All mistakes as people read them, one a line (the hint on a second where it would be too long), their number, and what
 * was `spared` for their sake.
 */
export function formatIssues(issues: readonly ConfigIssue[], spared = "Nothing was started."): string {
  const sorted = sortIssues(issues);
  const count = sorted.length === 1 ? "1 problem" : `${sorted.length} problems`;
  return [...sorted.map(formatIssue), `${count}. ${spared}`].join("\n");
}

export function formatIssue(issue: ConfigIssue): string {
  const head = `${whereText(issue)}  ${issue.message}`;
  if (issue.hint === undefined) return head;
  const line = `${head}; ${issue.hint}`;
  return line.length <= LONGEST_LINE ? line : `${head}\n  ${issue.hint}`;
}

function whereText({ file, line, column }: ConfigIssue): string {
  return line === 0 ? file : `${shortPath(file)}:${line}:${column}`;
}

/** The path as seen from the working directory, where that is shorter and names something: `..` says little. */
function shortPath(file: string): string {
  const seen = relative("", file);
  return /[^./\\]/.test(seen) && seen.length < file.length ? seen : file;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
