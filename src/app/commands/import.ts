import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { formatIssues } from "../../config/source/config-issue.ts";
import { importCsv } from "../../config/profile/import-csv.ts";
import { PROFILE_NAME_PATTERN } from "../../device/profile-schema.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import type { Terminal } from "../process/terminal.ts";

export interface ImportOptions {
  /** `maker/model` */
  readonly profile: string;
  readonly base: string;
  /** Where the profile goes; undefined: to standard output. */
  readonly out?: string;
  readonly force: boolean;
}

/** `takt import`: makes a profile of a list of tags. */
export function importTags(file: string, options: ImportOptions, terminal: Terminal): ExitCode {
  const problem = optionProblem(options);
  if (problem !== undefined) return invalid(problem, terminal);
  const text = readText(file);
  if (text === undefined) return invalid(`${file} cannot be read`, terminal);
  const made = importCsv(text, { file, profile: options.profile, base: options.base === "1" ? 1 : 0 });
  if (!made.ok) return invalid(formatIssues(made.failure, "Nothing was written."), terminal);
  if (options.out === undefined) terminal.out(made.value.yaml.trimEnd());
  else if (!writeText(options.out, made.value.yaml)) return invalid(`${options.out} cannot be written`, terminal);
  terminal.err(
    `${made.value.tags === 1 ? "1 tag" : `${made.value.tags} tags`}${options.out === undefined ? "" : ` written to ${options.out}`}`,
  );
  return EXIT.done;
}

function optionProblem({ profile, base, out, force }: ImportOptions): string | undefined {
  if (!PROFILE_NAME_PATTERN.test(profile)) {
    return `--profile "${profile}" is no name; write maker/model, as in eastron/sdm630`;
  }
  if (base !== "0" && base !== "1")
    return `--base ${base}: 0 where the list counts addresses from 0, 1 from 1 (as 40001 does)`;
  return out !== undefined && !force && existsSync(out) ? `${out} exists; --force replaces it` : undefined;
}

function invalid(text: string, terminal: Terminal): ExitCode {
  terminal.err(text);
  return EXIT.invalid;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function writeText(file: string, text: string): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return true;
  } catch {
    return false;
  }
}
