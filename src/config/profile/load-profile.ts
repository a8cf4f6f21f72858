import { basename, dirname, resolve } from "node:path";
import { err, ok, type Result } from "../../kit/result.ts";
import type { Profile } from "../../device/profile.ts";
import type { ConfigIssue } from "../source/config-issue.ts";
import { sortIssues } from "../source/config-issue.ts";
import { child } from "../source/located.ts";
import { readProfile } from "./read-profile.ts";
import { readYaml } from "../source/read-yaml.ts";

/**
 * Reads the profile in `file`, `<maker>/<model>.yaml`, by itself: parameters at their defaults, scan classes whatever it names.
 */
export function loadProfileFile(file: string): Result<Profile, readonly ConfigIssue[]> {
  const root = readYaml(file);
  if (!root.ok) return root;
  const path = resolve(file);
  const name = `${basename(dirname(path))}/${basename(path).replace(/\.ya?ml$/, "")}`;
  const { profile, issues } = readProfile({ file, root: root.value }, { name });
  return profile ? ok(profile) : err(sortIssues(issues));
}

/** Whether a file says that it is a profile: it begins with `profile:`, where a plant has `plant:`. */
export function isProfileFile(file: string): boolean {
  const root = readYaml(file);
  return root.ok && child(root.value, "profile") !== undefined && child(root.value, "plant") === undefined;
}
