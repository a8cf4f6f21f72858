import { dirname, join } from "node:path";
import { formatDuration } from "../kit/duration.ts";
import { err, ok, type Result } from "../kit/result.ts";
import { type Ms, ms } from "../kit/time.ts";
import { NAME_PATTERN, NAME_RULE } from "../device/file-words.ts";
import { about, type Finding } from "../device/finding.ts";
import type { Device } from "../device/profile.ts";
import { ON_DEMAND, ONCE } from "../device/tag.ts";
import { type ConfigIssue, sortIssues } from "./config-issue.ts";
import { expandRepeats } from "./expand-repeats.ts";
import { child, entriesOf, type Located } from "./located.ts";
import type { LineSettings, Plant, ScanSettings } from "./plant.ts";
import { type LineFile, lineSchema, plantSchema, type ScanFile, scanSchema } from "./plant-schema.ts";
import { PACKAGE_DEVICES, ProfileLibrary } from "./profile-library.ts";
import { ProfileReadings } from "./profile-readings.ts";
import { type DeviceReading, readDevice } from "./read-device.ts";
import { readPart } from "./read-part.ts";
import { readYaml } from "./read-yaml.ts";
import { issuesAt, type Source } from "./source.ts";

/**
 * Reads a plant file with its profiles, or tells every mistake in them. Profiles are looked for in `devices/` beside
 * the plant file, then among those of the package.
 */
export function loadPlant(file: string): Result<Plant, readonly ConfigIssue[]> {
  const root = readYaml(file);
  if (!root.ok) return root;
  return readPlant({ file, root: root.value }, new ProfileLibrary([join(dirname(file), "devices"), PACKAGE_DEVICES]));
}

/** A plant that was read already, its profiles taken from `library`. */
export function readPlant(source: Source, library: ProfileLibrary): Result<Plant, readonly ConfigIssue[]> {
  const { root } = source;
  const shell = readPart(shellSchema, withoutParts(root));
  const scan = readScan(child(root, "scan"));
  const lines = readLines(child(root, "lines"));
  const profiles = new ProfileReadings(library, scan.value.classes);
  const lineNames = entriesOf(child(root, "lines")).map(([name]) => name);
  const devices = readDevices(source, { lines: lineNames, classes: scan.value.classes, profiles });
  const findings = [...shell.findings, ...missingParts(root), ...scan.findings, ...lines.findings];
  const issues = [...issuesAt(source, findings), ...devices.issues, ...profiles.issues];
  if (issues.length > 0 || shell.value.plant === undefined) return err(sortIssues(issues));
  return ok({ name: shell.value.plant, scan: scan.value, lines: lines.value, devices: devices.value });
}

const shellSchema = plantSchema.partial({ lines: true, devices: true });

const PARTS = ["lines", "devices", "scan"];

/** The parts are read one by one. */
function withoutParts(root: Located): Located {
  if (root.kind !== "map") return root;
  return { ...root, entries: new Map([...root.entries].filter(([key]) => !PARTS.includes(key))) };
}

function missingParts(root: Located): readonly Finding[] {
  if (root.kind !== "map") return [];
  return ["lines", "devices"].flatMap((part) => {
    const node = child(root, part);
    if (!node) return [{ path: [part], message: `"${part}" is missing` }];
    return node.kind === "map" && node.entries.size > 0
      ? []
      : [{ path: [part], message: `${part}: expected a map of them` }];
  });
}

const DEFAULT_PERIOD = ms(20);
const SHORTEST_PERIOD = ms(1);
const DEFAULT_CLASSES = { fast: ms(0), normal: ms(100), slow: ms(1000) };

function readScan(node: Located | undefined): { readonly value: ScanSettings; readonly findings: readonly Finding[] } {
  const part = node ? readPart(scanSchema, node) : { value: {} as Partial<ScanFile>, findings: [], failed: new Set() };
  const period = part.value.period ?? DEFAULT_PERIOD;
  const given = Object.entries(part.value.classes ?? {});
  const defaults = Object.entries(DEFAULT_CLASSES).map(([name, wanted]) => [name, roundUp(wanted, period)] as const);
  // a class whose period could not be read is known all the same
  const named = entriesOf(child(node, "classes")).map(([name]) => [name, period] as const);
  const classes = new Map<string, Ms>([...defaults, ...named, ...given].filter(([name]) => !isReserved(name)));
  const tooFast: readonly Finding[] =
    period >= SHORTEST_PERIOD ? [] : [{ path: ["period"], message: "period is below 1ms: no timer is that fine" }];
  const misfits = part.failed.has("period") ? [] : given.flatMap(([name, span]) => checkClass(name, span, period));
  return { value: { period, classes }, findings: about(["scan"], "scan", [...part.findings, ...tooFast, ...misfits]) };
}

function isReserved(name: string): boolean {
  return name === ONCE || name === ON_DEMAND;
}

function roundUp(wanted: Ms, period: Ms): Ms {
  return ms(Math.max(1, Math.ceil(wanted / period - 1e-9)) * period);
}

function checkClass(name: string, span: Ms, period: Ms): readonly Finding[] {
  const path = ["classes", name];
  if (isReserved(name)) {
    return [{ path, message: `class ${name} exists already and has no period`, atKey: true }];
  }
  const ratio = span / period;
  if (ratio > 0.5 && Math.abs(ratio - Math.round(ratio)) < 1e-9) return [];
  const message = `class ${name}: ${formatDuration(span)} is no multiple of the scan period ${formatDuration(period)}`;
  return [{ path, message, hint: `the next is ${formatDuration(roundUp(span, period))}` }];
}

interface Lines {
  readonly value: ReadonlyMap<string, LineSettings>;
  readonly findings: readonly Finding[];
}

function readLines(node: Located | undefined): Lines {
  const value = new Map<string, LineSettings>();
  const endpoints = new Map<string, string>();
  const findings = entriesOf(node).flatMap(([name, { value: line }]) => {
    const part = readPart(lineSchema, line);
    const found: Finding[] = [...part.findings];
    if (!NAME_PATTERN.test(name)) found.push({ path: [], message: `"${name}" ${NAME_RULE}`, atKey: true });
    if (part.complete) value.set(name, lineSettings(name, part.complete));
    if (part.value.tcp) {
      const endpoint = `${part.value.tcp.host.toLowerCase()}:${part.value.tcp.port ?? DEFAULT_PORT}`;
      const other = endpoints.get(endpoint);
      const hint = "units behind one host and port share one line";
      if (other !== undefined) found.push({ path: ["tcp"], message: `line ${other} is ${endpoint} already`, hint });
      else endpoints.set(endpoint, name);
    }
    return about(["lines", name], `line ${name}`, found);
  });
  return { value, findings };
}

const DEFAULT_PORT = 502;

function lineSettings(name: string, { tcp, window, connectTimeout, delayAfterConnect }: LineFile): LineSettings {
  return {
    name,
    kind: "tcp",
    host: tcp.host,
    port: tcp.port ?? DEFAULT_PORT,
    window: window ?? 1,
    connectTimeout: connectTimeout ?? ms(3000),
    delayAfterConnect: delayAfterConnect ?? ms(0),
  };
}

interface Devices {
  readonly value: ReadonlyMap<string, Device>;
  readonly issues: readonly ConfigIssue[];
}

function readDevices(source: Source, surroundings: Parameters<typeof readDevice>[1]): Devices {
  const { entries, findings } = expandRepeats(child(source.root, "devices"));
  const readings = entries.map((entry) => readDevice(entry, surroundings));
  const told = [...readings.map(ofReading), ...checkNames(readings), ...checkUnits(readings)];
  const issues = [
    ...issuesAt(source, about(["devices"], "", findings)),
    ...told.flatMap((one) => deviceIssues(source, one)),
  ];
  const value = new Map(readings.flatMap(({ device }) => (device ? [[device.name, device] as const] : [])));
  return { value, issues: onceForRepeats(issues, readings, source) };
}

/** Findings of one device; paths begin at the device. */
interface Told {
  readonly reading: DeviceReading;
  readonly findings: readonly Finding[];
}

function ofReading(reading: DeviceReading): Told {
  return { reading, findings: reading.findings };
}

function deviceIssues({ file, root }: Source, { reading, findings }: Told): readonly ConfigIssue[] {
  const { key, mistakes } = reading.entry;
  const label = `device ${key}`;
  const places = new Set(mistakes.map(({ at }) => `${at.line}:${at.column}`));
  const ofPlaceholders = mistakes.map(({ at, message, hint }) => ({
    file,
    ...at,
    message: `${label}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  }));
  const rest = issuesAt({ file, root }, about(["devices", key], label, findings));
  return [...ofPlaceholders, ...rest.filter(({ line, column }) => !places.has(`${line}:${column}`))];
}

/** What is wrong with a repeated device is wrong with all of them: the first is told. */
function onceForRepeats(
  issues: readonly ConfigIssue[],
  readings: readonly DeviceReading[],
  { root }: Source,
): readonly ConfigIssue[] {
  const repeated = readings.some(({ entry }) => entry.key !== entry.name) && root.kind === "map";
  if (!repeated) return issues;
  const labels = new Set(readings.flatMap(({ entry }) => (entry.key === entry.name ? [] : `device ${entry.key}: `)));
  const seen = new Set<string>();
  return issues.filter(({ line, column, message }) => {
    const label = [...labels].find((start) => message.startsWith(start));
    const place = `${line}:${column}`;
    return label === undefined || (!seen.has(place) && seen.add(place));
  });
}

function checkNames(readings: readonly DeviceReading[]): readonly Told[] {
  const first = new Map<string, string>();
  return readings.flatMap((reading) => {
    const { name, key } = reading.entry;
    const other = first.get(name);
    if (other === undefined) first.set(name, key);
    if (other === undefined) return [];
    return [{ reading, findings: [{ path: [], message: `${name} is the name of another device too`, atKey: true }] }];
  });
}

const CONTROLLER_HINT = "one controller with two profiles says so: give both the same controller: name";

/** The same unit twice on a line, unless all say that they are one controller. */
function checkUnits(readings: readonly DeviceReading[]): readonly Told[] {
  const first = new Map<string, DeviceReading>();
  return readings.flatMap((reading) => {
    const { line, unit, controller } = reading.file;
    if (line === undefined || unit === undefined) return [];
    const other = first.get(`${line} ${unit}`);
    if (!other) first.set(`${line} ${unit}`, reading);
    if (!other || (controller !== undefined && other.file.controller === controller)) return [];
    const message = `unit ${unit} of line ${line} is device ${other.entry.name} already`;
    return [{ reading, findings: [{ path: ["unit"], message, hint: CONTROLLER_HINT }] }];
  });
}
