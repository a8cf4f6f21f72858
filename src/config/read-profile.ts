import { about, type Finding } from "../device/finding.ts";
import { buildProfile, type ScanClasses } from "../device/build-profile.ts";
import { didYouMean } from "../device/did-you-mean.ts";
import { NAME_PATTERN, NAME_RULE } from "../device/file-words.ts";
import type { Profile } from "../device/profile.ts";
import {
  type ParameterFile,
  parameterSchema,
  type ParameterValue,
  type ProfileFile,
  profileSchema,
} from "../device/profile-schema.ts";
import { type AlarmFile, alarmSchema } from "../device/alarm-schema.ts";
import { type CommandFile, commandSchema } from "../device/command-schema.ts";
import { type TagFile, tagSchema } from "../device/tag-schema.ts";
import type { ConfigIssue } from "./config-issue.ts";
import { child, entriesOf, type Located } from "./located.ts";
import { readPart } from "./read-part.ts";
import { issuesAt, type Source } from "./source.ts";
import { isPlaceholderName, substitute } from "./substitute.ts";

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
  const commands = readCommands(child(filled.root, "commands"));
  const alarms = readAlarms(child(filled.root, "alarms"));
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

interface Parameters {
  readonly value: ReadonlyMap<string, ParameterFile>;
  readonly findings: readonly Finding[];
}

function readParameters(node: Located | undefined): Parameters {
  const value = new Map<string, ParameterFile>();
  if (node === undefined) return { value, findings: [] };
  if (node.kind !== "map")
    return { value, findings: [{ path: ["parameters"], message: "parameters: expected a map" }] };
  const findings = entriesOf(node).flatMap(([name, entry]) => {
    const part = readPart(parameterSchema, entry.value);
    if (part.value.default !== undefined) value.set(name, { ...part.value, default: part.value.default });
    const outside = part.complete && parameterFault(part.complete, part.complete.default);
    const more = outside === undefined ? [] : [{ path: ["default"], message: `default ${outside}` }];
    return about(["parameters", name], `parameter ${name}`, [...parameterName(name), ...part.findings, ...more]);
  });
  return { value, findings };
}

function parameterName(name: string): readonly Finding[] {
  const findings = nameFindings(name);
  if (findings.length > 0 || isPlaceholderName(name)) return findings;
  const message = `no placeholder can reach "${name}"`;
  const hint = "begin with a letter, and do not end like a difference, as in a-1";
  return [{ path: [], message, hint, atKey: true }];
}

function nameFindings(name: string): readonly Finding[] {
  return NAME_PATTERN.test(name) ? [] : [{ path: [], message: `"${name}" ${NAME_RULE}`, atKey: true }];
}

/** Why a parameter cannot have this value, to be read after its name. */
export function parameterFault(parameter: ParameterFile, value: ParameterValue): string | undefined {
  if (typeof value !== typeof parameter.default) {
    return `is a ${typeof parameter.default}, not ${JSON.stringify(value)}`;
  }
  const { range } = parameter;
  if (!range || typeof value !== "number" || (value >= range[0] && value <= range[1])) return undefined;
  return `${value} is outside ${range[0]}..${range[1]}`;
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

interface Tags {
  readonly value: Readonly<Record<string, TagFile>>;
  readonly findings: readonly Finding[];
  /** Tags of which not everything could be read. */
  readonly unread: readonly string[];
  /** Paths of the values that could not be read: nothing more is said of them. */
  readonly broken: readonly (readonly PropertyKey[])[];
}

/** Without these nothing sensible can be said of a tag. */
const FOUNDATIONS = ["at", "type", "count", "length", "values", "scale", "offset"];

function readTags(node: Located | undefined): Tags {
  if (node?.kind !== "map") {
    const message = node === undefined ? '"tags" is missing' : "tags: expected a map";
    return { value: {}, findings: [{ path: ["tags"], message }], unread: [], broken: [] };
  }
  if (node.entries.size === 0) {
    return {
      value: {},
      findings: [{ path: ["tags"], message: "tags: at least one is needed" }],
      unread: [],
      broken: [],
    };
  }
  const read = [...node.entries].map(([name, entry]) => ({
    name,
    ...readPart(tagSchema, withBitPatterns(entry.value)),
  }));
  const usable = read.flatMap(({ name, value, failed }) => {
    const { at } = value;
    return at === undefined || FOUNDATIONS.some((key) => failed.has(key)) ? [] : [[name, { ...value, at }] as const];
  });
  return {
    value: Object.fromEntries(usable),
    findings: read.flatMap(({ name, findings }) =>
      about(["tags", name], `tag ${name}`, [...nameFindings(name), ...findings]),
    ),
    unread: read.flatMap(({ name, complete }) => (complete ? [] : name)),
    broken: read.flatMap(({ name, failed }) => [...failed].map((key) => ["tags", name, key])),
  };
}

interface Commands {
  readonly value: Readonly<Record<string, CommandFile>>;
  readonly findings: readonly Finding[];
}

function readCommands(node: Located | undefined): Commands {
  if (node === undefined) return { value: {}, findings: [] };
  if (node.kind !== "map")
    return { value: {}, findings: [{ path: ["commands"], message: "commands: expected a map" }] };
  const read = entriesOf(node).map(([name, { value }]) => ({ name, ...readPart(commandSchema, value) }));
  return {
    value: Object.fromEntries(read.flatMap(({ name, complete }) => (complete ? [[name, complete]] : []))),
    findings: read.flatMap(({ name, findings }) =>
      about(["commands", name], `command ${name}`, [...nameFindings(name), ...findings]),
    ),
  };
}

function readAlarms(node: Located | undefined): {
  readonly value: Readonly<Record<string, AlarmFile>>;
  readonly findings: readonly Finding[];
} {
  if (node === undefined) return { value: {}, findings: [] };
  if (node.kind !== "map") return { value: {}, findings: [{ path: ["alarms"], message: "alarms: expected a map" }] };
  const read = entriesOf(node).map(([name, { value }]) => ({ name, ...readPart(alarmSchema, value) }));
  return {
    value: Object.fromEntries(read.flatMap(({ name, complete }) => (complete ? [[name, complete]] : []))),
    findings: read.flatMap(({ name, findings }) =>
      about(["alarms", name], `alarm ${name}`, [...nameFindings(name), ...findings]),
    ),
  };
}

/** The sentinels of a float that are written in hexadecimal are bit patterns, no numbers: they stay as written. */
function withBitPatterns(tag: Located): Located {
  const type = child(tag, "type");
  const invalid = child(tag, "invalid");
  const isFloat = type?.kind === "scalar" && (type.value === "float32" || type.value === "float64");
  if (!isFloat || tag.kind !== "map" || invalid?.kind !== "list") return tag;
  const items = invalid.items.map((item) =>
    item.kind === "scalar" && item.hex !== undefined ? { ...item, value: item.hex } : item,
  );
  const entry = { keyAt: tag.entries.get("invalid")?.keyAt ?? tag.at, value: { ...invalid, items } };
  return { ...tag, entries: new Map([...tag.entries, ["invalid", entry]]) };
}

function beginsWith(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.every((key, index) => path[index] === key);
}

/** A parameter that a device gives and the profile does not have, or not so. */
export function checkParameters(
  given: Readonly<Record<string, ParameterValue>>,
  known: ReadonlyMap<string, ParameterFile>,
): readonly Finding[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = known.get(name);
    if (!parameter) {
      const hint = didYouMean(name, [...known.keys()]);
      return [{ path: [name], message: `unknown parameter "${name}"`, hint, atKey: true }];
    }
    const fault = parameterFault(parameter, value);
    return fault === undefined ? [] : [{ path: [name], message: `parameter ${name} ${fault}` }];
  });
}
