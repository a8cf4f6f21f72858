import { about, type Finding } from "../../device/finding.ts";
import type { Device } from "../../device/profile.ts";
import type { ConfigIssue } from "../source/config-issue.ts";
import { expandRepeats } from "./expand-repeats.ts";
import { child } from "../source/located.ts";
import { type DeviceReading, type DeviceSurroundings, readDevice } from "./read-device.ts";
import { issuesAt, type Source } from "../source/source.ts";

export interface DevicesReading {
  readonly value: ReadonlyMap<string, Device>;
  readonly issues: readonly ConfigIssue[];
}

/** Reads the devices of a plant, every `repeat` worked off, and whether they can live side by side. */
export function readDevices(source: Source, surroundings: DeviceSurroundings): DevicesReading {
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
