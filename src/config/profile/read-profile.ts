import { alarmSchema } from "../../device/alarm-schema.ts";
import { buildProfile, type ScanClasses } from "../../device/build-profile.ts";
import { commandSchema } from "../../device/command-schema.ts";
import type { Finding } from "../../device/finding.ts";
import type { Profile } from "../../device/profile.ts";
import {
  type ParameterFile,
  type ParameterValue,
  type ProfileFile,
  profileSchema,
} from "../../device/profile-schema.ts";
import type { ConfigIssue } from "../source/config-issue.ts";
import { child, type Located } from "../source/located.ts";
import { readParameters } from "./profile-parameters.ts";
import { readTags } from "./profile-tags.ts";
import { readNamed } from "../source/read-named.ts";
import { readPart } from "../source/read-part.ts";
import { issuesAt, type Source } from "../source/source.ts";
import { substitute } from "./substitute.ts";

/** A profile file, understood as far as possible. */
export interface ProfileReading {
  /** Undefined when the file has issues. */
  readonly profile: Profile | undefined;
  /** What can be understood of it, for building it again with what a device changes. */
  readonly file: ProfileFile;
  readonly parameters: ReadonlyMap<string, ParameterFile>;
  readonly unreadTags: readonly string[];
  /** Findings of {@link buildProfile}, which a device's changes are not to be blamed for. */
  readonly findings: readonly Finding[];
  readonly issues: readonly ConfigIssue[];
}

export interface ReadProfileOptions {
  /** The name it goes by, from where its file lies. */
  readonly name: string;
  /** Given by a device; the others have their defaults. */
  readonly parameters?: ReadonlyMap<string, ParameterValue>;
  /** Of the plant; undefined where the profile is read by itself. */
  readonly classes?: ScanClasses | undefined;
}

/** Reads a profile with its parameters put in. */
export function readProfile({ file, root }: Source, options: ReadProfileOptions): ProfileReading {
  const parameters = readParameters(child(root, "parameters"));
  const issues: ConfigIssue[] = [...issuesAt({ file, root }, parameters.findings)];
  const filled: Source = {
    file,
    root: fillIn(root, parameters.value, options, (issue) => issues.push({ file, ...issue })),
  };
  const shell = readPart(shellSchema, withoutParts(filled.root));
  const tags = readTags(child(filled.root, "tags"));
  const commands = readNamed(commandSchema, child(filled.root, "commands"), { key: "commands", noun: "command" });
  const alarms = readNamed(alarmSchema, child(filled.root, "alarms"), { key: "alarms", noun: "alarm" });
  const profileFile: ProfileFile = {
    title: options.name,
    ...definedOnly(shell.value),
    profile: options.name,
    tags: tags.value,
    commands: commands.value,
    alarms: alarms.value,
  };
  const built = buildProfile(profileFile, { classes: options.classes, unreadTags: tags.unread });
  const findings = [
    ...shell.findings,
    ...checkName(shell.value.profile, options.name),
    ...tags.findings,
    ...commands.findings,
    ...alarms.findings,
    ...built.findings.filter((finding) => !tags.broken.some((path) => beginsWith(finding.path, path))),
  ];
  const taken = new Set(issues.map(({ line, column }) => `${line}:${column}`));
  issues.push(...issuesAt(filled, findings).filter(({ line, column }) => !taken.has(`${line}:${column}`)));
  return {
    profile: issues.length === 0 ? built.profile : undefined,
    file: profileFile,
    parameters: parameters.value,
    unreadTags: tags.unread,
    findings: built.findings,
    issues,
  };
}

const PARTS = ["parameters", "tags", "commands", "alarms"];

const shellSchema = profileSchema.omit({ parameters: true, tags: true, commands: true, alarms: true });

/** The tags, parameters, commands and alarms are read one by one; the shell has them no more. */
function withoutParts(root: Located): Located {
  if (root.kind !== "map") return root;
  return { ...root, entries: new Map([...root.entries].filter(([key]) => !PARTS.includes(key))) };
}

function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function checkName(written: string | undefined, name: string): readonly Finding[] {
  if (written === undefined || written === name) return [];
  return [{ path: ["profile"], message: `profile: this is ${name} by its file, but it calls itself ${written}` }];
}

function fillIn(
  root: Located,
  parameters: ReadonlyMap<string, ParameterFile>,
  options: ReadProfileOptions,
  report: (issue: Omit<ConfigIssue, "file">) => void,
): Located {
  if (root.kind !== "map") return root;
  const defaults = [...parameters].map(([name, parameter]) => [name, parameter.default] as const);
  const bindings = new Map([...defaults, ...(options.parameters ?? [])]);
  const entries = [...root.entries].map(([key, entry]) => {
    if (key === "parameters" || key === "profile") return [key, entry] as const;
    const value = substitute(entry.value, bindings, ({ at, ...rest }) => report({ ...at, ...rest }));
    return [key, { ...entry, value }] as const;
  });
  return { ...root, entries: new Map(entries) };
}

function beginsWith(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.every((key, index) => path[index] === key);
}
