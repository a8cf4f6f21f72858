import type { Finding } from "../../device/finding.ts";
import { NAME_PATTERN, NAME_RULE } from "../../device/file-words.ts";

/** What is wrong with a name that a file gives to something, told at its key. */
export function nameFindings(name: string): readonly Finding[] {
  return NAME_PATTERN.test(name) ? [] : [{ path: [], message: `"${name}" ${NAME_RULE}`, atKey: true }];
}
