import { basename, dirname, resolve } from "node:path";
import { err, ok, type Result } from "../kit/result.ts";
import { didYouMean } from "../device/did-you-mean.ts";
import type { Profile } from "../device/profile.ts";
import type { ConfigIssue } from "./config-issue.ts";
import { sortIssues } from "./config-issue.ts";
import { PACKAGE_DEVICES, ProfileLibrary } from "./profile-library.ts";
import { child } from "./located.ts";
import { readProfile } from "./read-profile.ts";
import { readYaml } from "./read-yaml.ts";

/**
 * Reads the profile `name` (`maker/model`) by itself, parameters at their defaults, from the first of `roots` that has
 * it; scan classes are whatever the profile names.
 */
export function loadProfile(
  name: string,
  roots: readonly string[] = [PACKAGE_DEVICES],
): Result<Profile, readonly ConfigIssue[]> {
  const library = new ProfileLibrary(roots);
  const file = library.find(name);
  if (file === undefined) {
    const hint = didYouMean(name, library.names());
    return err([{ file: `${name}.yaml`, line: 1, column: 1, message: `unknown profile "${name}"`, hint }]);
  }
  const source = library.read(file);
  if (!source.ok) return source;
  const { profile, issues } = readProfile(source.value, { name });
  return profile ? ok(profile) : err(sortIssues(issues));
}

/** Reads the profile in `file`, `<maker>/<model>.yaml`, by itself. */
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
