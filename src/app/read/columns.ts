export type Align = "left" | "right";

/** Rows as columns of equal width, two spaces apart, without blanks at the end; `indent` goes before each. */
export function columns(rows: readonly (readonly string[])[], align: readonly Align[], indent = ""): string {
  const widths = align.map((_, column) => Math.max(0, ...rows.map((row) => (row[column] ?? "").length)));
  const text = (row: readonly string[]): string =>
    widths
      .map((width, at) => (align[at] === "left" ? (row[at] ?? "").padEnd(width) : (row[at] ?? "").padStart(width)))
      .join("  ");
  return rows.map((row) => `${indent}${text(row)}`.trimEnd()).join("\n");
}
