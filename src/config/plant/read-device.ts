import { buildProfile, type BuiltProfile, mergeDefined, type ScanClasses } from "../../device/build-profile.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { NAME_PATTERN, NAME_RULE } from "../../device/file-words.ts";
import { about, type Finding } from "../../device/finding.ts";
import type { Device } from "../../device/profile.ts";
import type { ProfileFile } from "../../device/profile-schema.ts";
import { type TagFile, type TagOverride, tagOverrideSchema } from "../../device/tag-schema.ts";
import { timingFindings, timingOnLine, unitFinding } from "./device-on-line.ts";
import type { DeviceEntry } from "./expand-repeats.ts";
import { child, entriesOf, type Located } from "../source/located.ts";
import type { LineSettings } from "./plant.ts";
import { type DeviceFile, deviceSchema } from "./plant-schema.ts";
import type { ProfileReadings } from "../profile/profile-readings.ts";
import { checkParameters } from "../profile/profile-parameters.ts";
import type { ProfileReading } from "../profile/read-profile.ts";
import { readPart } from "../source/read-part.ts";

/** What devices refer to. */
export interface DeviceSurroundings {
  /** All lines, as far as they could be understood. */
  readonly lines: ReadonlyMap<string, LineSettings | undefined>;
  readonly classes: ScanClasses;
  readonly profiles: ProfileReadings;
}

export interface DeviceReading {
  readonly entry: DeviceEntry;
  /** Undefined when anything is wrong with it, or with its profile. */
  readonly device: Device | undefined;
  /** As far as it could be understood. */
  readonly file: Partial<DeviceFile>;
  /** Paths begin at the device. */
  readonly findings: readonly Finding[];
}

const bodySchema = deviceSchema.omit({ tags: true });

/** Reads one device of a plant, its profile included. */
export function readDevice(entry: DeviceEntry, surroundings: DeviceSurroundings): DeviceReading {
  const part = readPart(bodySchema, withoutTags(entry.node));
  const overrides = readOverrides(child(entry.node, "tags"));
  const referred = checkReferences(part.value, surroundings);
  const bound = bindProfile(part.value, overrides.value, surroundings);
  const line = surroundings.lines.get(part.value.line ?? "");
  const own = [...checkName(entry), ...bodyFindings(entry, part.findings, line), ...overrides.findings, ...referred];
  const file: Partial<DeviceFile> = { ...part.value, tags: overrides.value };
  const ofProfile = bound?.findings ?? [];
  const built = bound?.built.profile;
  const timing = built && line && timingOnLine(built, line);
  const untimely = timing && ofProfile.length === 0 ? timingFindings(timing, part.value.timing, line) : [];
  const findings = [...own, ...ofProfile, ...untimely];
  if (!part.complete || !bound?.reading.profile || !built || findings.length > 0)
    return { entry, device: undefined, file, findings };
  const { profile, line: lineName, unit, disabled = false } = part.complete;
  const { limits, tags } = built;
  const base = { ...bound.reading.profile, name: profile };
  const placed = { name: entry.name, profile: base, line: lineName, unit, disabled };
  return { entry, device: { ...placed, timing: timing ?? built.timing, limits, tags }, file, findings };
}

/** The findings of the form; that of the unit in the words of its line. */
function bodyFindings(
  { node }: DeviceEntry,
  findings: readonly Finding[],
  line: LineSettings | undefined,
): readonly Finding[] {
  const unit = child(node, "unit");
  const misplaced = unit?.kind === "scalar" ? unitFinding(unit.value, line) : undefined;
  return misplaced ? [...findings.filter(({ path }) => path[0] !== "unit"), misplaced] : findings;
}

function withoutTags(node: Located): Located {
  if (node.kind !== "map") return node;
  return { ...node, entries: new Map([...node.entries].filter(([key]) => key !== "tags")) };
}

function checkName({ name }: DeviceEntry): readonly Finding[] {
  return NAME_PATTERN.test(name) ? [] : [{ path: [], message: `"${name}" ${NAME_RULE}`, atKey: true }];
}

function checkReferences(
  { line, profile }: Partial<DeviceFile>,
  { lines, profiles }: DeviceSurroundings,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (line !== undefined && !lines.has(line)) {
    findings.push({ path: ["line"], message: `unknown line "${line}"`, hint: didYouMean(line, [...lines.keys()]) });
  }
  if (profile !== undefined && profiles.byDefault(profile) === "unknown") {
    const hint = didYouMean(profile, profiles.names());
    findings.push({ path: ["profile"], message: `unknown profile "${profile}"`, hint });
  }
  return findings;
}

interface Overrides {
  readonly value: Readonly<Record<string, TagOverride>>;
  readonly findings: readonly Finding[];
}

function readOverrides(node: Located | undefined): Overrides {
  if (node === undefined) return { value: {}, findings: [] };
  if (node.kind !== "map") return { value: {}, findings: [{ path: ["tags"], message: "tags: expected a map" }] };
  const read = entriesOf(node).map(([name, { value }]) => ({ name, ...readPart(tagOverrideSchema, value) }));
  return {
    value: Object.fromEntries(read.map(({ name, value }) => [name, value])),
    findings: read.flatMap(({ name, findings }) => about(["tags", name], `tag ${name}`, findings)),
  };
}

/** A profile as one device has it. */
interface BoundProfile {
  readonly reading: ProfileReading;
  readonly built: BuiltProfile;
  /** What the device makes wrong; paths begin at the device. */
  readonly findings: readonly Finding[];
}

function bindProfile(
  { profile: name, parameters = {}, limits, timing }: Partial<DeviceFile>,
  overrides: Overrides["value"],
  { profiles, classes }: DeviceSurroundings,
): BoundProfile | undefined {
  const base = name === undefined ? "unknown" : profiles.byDefault(name);
  if (name === undefined || typeof base === "string") return undefined;
  const faults = about(["parameters"], "", checkParameters(parameters, base.parameters));
  const given = faults.length === 0 && Object.keys(parameters).length > 0;
  const reading = given ? profiles.withParameters(name, base, parameters) : base;
  const merged = mergeTags(reading, overrides);
  const file: ProfileFile = {
    ...reading.file,
    limits: mergeDefined(reading.file.limits ?? {}, limits),
    timing: mergeDefined(reading.file.timing ?? {}, timing),
    tags: merged.tags,
  };
  const built = buildProfile(file, { classes, unreadTags: reading.unreadTags });
  const findings = [
    ...faults,
    ...parameterConsequences(base, reading),
    ...merged.findings,
    ...blameDevice(built.findings, reading.findings, overrides),
  ];
  return { reading, built, findings };
}

/** What is wrong with the profile only with the parameters that the device gives. */
function parameterConsequences(base: ProfileReading, reading: ProfileReading): readonly Finding[] {
  const before = new Set(base.issues.map(({ line, column }) => `${line}:${column}`));
  return reading.issues
    .filter(({ line, column }) => !before.has(`${line}:${column}`))
    .map(({ file, line, column, message, hint }) => ({
      path: ["parameters"],
      message: `with these parameters ${message} (${file}:${line}:${column})`,
      ...(hint === undefined ? {} : { hint }),
    }));
}

function mergeTags(
  { file, unreadTags }: ProfileReading,
  overrides: Overrides["value"],
): { readonly tags: ProfileFile["tags"]; readonly findings: readonly Finding[] } {
  const tags = { ...file.tags };
  const findings: Finding[] = [];
  for (const [name, override] of Object.entries(overrides)) {
    const tag = Object.hasOwn(file.tags, name) ? file.tags[name] : undefined;
    if (tag) {
      tags[name] = mergeTag(tag, override);
      if (tag.write || !override.write) continue;
      const message = `tag ${name}: its profile does not let it be written`;
      findings.push({ path: ["tags", name, "write"], message });
    } else if (!unreadTags.includes(name)) {
      const hint = didYouMean(name, [...new Set([...Object.keys(file.tags), ...unreadTags])]);
      findings.push({ path: ["tags", name], message: `unknown tag "${name}"`, hint, atKey: true });
    }
  }
  return { tags, findings };
}

function mergeTag(tag: TagFile, { write, ...rest }: TagOverride): TagFile {
  const merged = mergeDefined(tag, rest);
  if (write === undefined || !merged.write) return merged;
  return { ...merged, write: write === false ? undefined : mergeDefined(merged.write, write) };
}

/** The findings that the profile does not have by itself, shown where the device says what it changes. */
function blameDevice(
  findings: readonly Finding[],
  ofProfile: readonly Finding[],
  overrides: Overrides["value"],
): readonly Finding[] {
  const before = new Set(ofProfile.map((finding) => JSON.stringify(finding)));
  return (
    findings
      .filter((finding) => !before.has(JSON.stringify(finding)))
      // A device may forbid writes to an output that its watchdog covers.
      .filter(({ path }) => !(path[0] === "heartbeat" && path[1] === "covers"))
      // What it forbids or narrows makes a command that needs it impossible there: it is rejected when it is called.
      .filter(({ path }) => !(path[0] === "commands" && (path.includes("write") || path.includes("args"))))
      .map((finding) => {
        const [part, tag] = finding.path;
        if (part === "heartbeat" || part === "commands" || part === "alarms") return { ...finding, path: ["tags"] };
        if (part !== "tags") return finding;
        return Object.hasOwn(overrides, String(tag)) ? finding : { ...finding, path: ["limits"] };
      })
  );
}
