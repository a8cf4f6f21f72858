import type { Device } from "../../device/profile.ts";
import type { TagEntry } from "../../device/tag-table.ts";
import { type Datatype, datatypeOf } from "./datatype.ts";

/** One metric as its birth certificate declares it. */
export interface MetricDeclaration<Source> {
  readonly name: string;
  /** Unique across the edge node; data and commands name it by this alone. */
  readonly alias: bigint;
  readonly datatype: Datatype;
  readonly source: Source;
}

/** Figures of the node itself. */
export const NODE_METRICS = {
  "Node Info/Gateway": "String",
  "Node Info/Plant": "String",
  "Node Info/Version": "String",
  "Node Info/Scan Period": "Double",
  "Scan/Skipped Cycles": "UInt64",
  "Scan/Missed Reads": "UInt64",
  "Scan/Overruns": "UInt64",
  "Scan/Lateness P99": "Double",
} as const satisfies Record<string, Datatype["scalar"]>;
export type NodeMetric = keyof typeof NODE_METRICS;

/** What became of the newest command to a device. Names of tags have no slash, so none of them is one of these. */
export const COMMAND_METRICS = {
  "Command/Count": "UInt32",
  "Command/Outcome": "String",
  "Command/Reason": "String",
} as const satisfies Record<string, Datatype["scalar"]>;
export type CommandMetric = keyof typeof COMMAND_METRICS;

export type NodeDeclaration = MetricDeclaration<NodeMetric>;
export type DeviceDeclaration = MetricDeclaration<TagEntry | CommandMetric>;

/** Every metric the edge node will ever tell of. */
export interface MetricTable {
  readonly node: readonly NodeDeclaration[];
  readonly devices: ReadonlyMap<string, readonly DeviceDeclaration[]>;
}

/** Metrics of the node, then those of its devices in the order of the plant: aliases count them from 1. */
export function metricTable(devices: readonly Device[], tags: readonly TagEntry[]): MetricTable {
  let alias = 0n;
  const declare = <Source>(name: string, datatype: Datatype, source: Source): MetricDeclaration<Source> => {
    return { name, alias: ++alias, datatype, source };
  };
  const fixed = <Name extends string>(names: Readonly<Record<Name, Datatype["scalar"]>>) =>
    keysOf(names).map((name) => declare(name, { scalar: names[name], array: false }, name));
  const node = fixed(NODE_METRICS);
  const ofDevice = (device: Device): readonly DeviceDeclaration[] => [
    ...tags.filter((entry) => entry.device === device).map((entry) => declareTag(entry, declare)),
    ...(isWritable(device) ? fixed(COMMAND_METRICS) : []),
  ];
  return { node, devices: new Map(devices.map((device) => [device.name, ofDevice(device)])) };
}

type Declare = (name: string, datatype: Datatype, source: TagEntry) => DeviceDeclaration;

function declareTag(entry: TagEntry, declare: Declare): DeviceDeclaration {
  return declare(entry.tag.name, datatypeOf(entry.tag), entry);
}

export function isWritable(device: Device): boolean {
  return [...device.tags.values()].some(({ write }) => write !== undefined);
}

/** Names that a host which ignores case would take for one another (case-sensitivity-metric-names, -sparkplug-ids). */
export function namesAlike(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name.toLowerCase()).size);
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(record) as Key[];
}
