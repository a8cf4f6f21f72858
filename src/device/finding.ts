/** Something wrong with a file that was read, told by the path of the value; the place is added by who has the file. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly hint?: string;
  /** The key at the end of the path is what is wrong, not its value. */
  readonly atKey?: boolean;
}

/** The same findings as seen from further up: paths and messages begin with what they are about. */
export function about(path: readonly PropertyKey[], label: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({
    ...finding,
    path: [...path, ...finding.path],
    message: label === "" ? finding.message : `${label}: ${finding.message}`,
  }));
}
