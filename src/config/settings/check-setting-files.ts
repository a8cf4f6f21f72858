import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type ConfigIssue, sortIssues } from "../source/config-issue.ts";
import { readYaml } from "../source/read-yaml.ts";
import { allSettings, type NamedSetting } from "./settings-schema.ts";
import { NO_PLACE, type Settings, type SettingsSources, STANDARD_STREAMS } from "./settings.ts";
import { issuesAt } from "../source/source.ts";

/**
 * The files that settings name: secrets have to be readable and the log writable before anything is started. Each
 * mistake stands where the setting does: in its file, or in the environment.
 */
export function checkSettingFiles(settings: Settings, { file, env }: SettingsSources): readonly ConfigIssue[] {
  const yaml = file === undefined ? undefined : readYaml(file);
  const issues = allSettings().flatMap((setting): readonly ConfigIssue[] => {
    const fault = faultOf(setting, valueOf(settings, setting.path));
    if (fault === undefined) return [];
    const inFile = file !== undefined && yaml?.ok === true && env[setting.env] === undefined;
    if (!inFile) return [{ ...NO_PLACE, message: `${setting.env}: ${fault}` }];
    return issuesAt({ file, root: yaml.value }, [{ path: setting.path, message: `${setting.key}: ${fault}` }]);
  });
  return sortIssues(issues);
}

function valueOf(settings: Settings, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => {
    return typeof node === "object" && node !== null ? (node as Readonly<Record<string, unknown>>)[key] : undefined;
  }, settings);
}

function faultOf({ leaf }: NamedSetting, path: unknown): string | undefined {
  if (typeof path !== "string" || STANDARD_STREAMS.includes(path)) return undefined;
  if (leaf.path === "read") return accessFault(path, path, constants.R_OK, "read");
  if (leaf.path === "append")
    return accessFault(path, existsSync(path) ? path : dirname(path), constants.W_OK, "written");
  return undefined;
}

/** What keeps `path` from being read or written, judged by what has to be there: itself, or its folder. */
function accessFault(path: string, there: string, mode: number, done: string): string | undefined {
  try {
    accessSync(there, mode);
    return there === path && statSync(path).isDirectory() ? `${path} is a folder` : undefined;
  } catch (error) {
    return `${path} cannot be ${done} (${error instanceof Error && "code" in error ? String(error.code) : "no reason given"})`;
  }
}
