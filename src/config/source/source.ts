import type { Finding } from "../../device/finding.ts";
import type { ConfigIssue } from "./config-issue.ts";
import { keyPlaceOf, type Located, placeOf } from "./located.ts";

/** A file that was read: what it says, and where. */
export interface Source {
  readonly file: string;
  readonly root: Located;
}

/** Findings with the places of what they speak of; paths begin at the root of the source. */
export function issuesAt({ file, root }: Source, findings: readonly Finding[]): readonly ConfigIssue[] {
  return findings.map(({ path, message, hint, atKey }) => {
    const place = atKey === true ? keyPlaceOf(root, path) : placeOf(root, path);
    return { file, ...place, message, ...(hint === undefined ? {} : { hint }) };
  });
}
