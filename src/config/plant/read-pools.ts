import { didYouMean } from "../../device/did-you-mean.ts";
import { NAME_PATTERN, NAME_RULE } from "../../device/file-words.ts";
import { about, type Finding } from "../../device/finding.ts";
import type { Device } from "../../device/profile.ts";
import { entriesOf, type Located, plain } from "../source/located.ts";
import { shown } from "../source/sentences.ts";

export interface PoolsReading {
  /** Names of devices by pool. */
  readonly value: ReadonlyMap<string, readonly string[]>;
  /** Paths begin at the plant. */
  readonly findings: readonly Finding[];
}

/** Reads the pools of a plant: devices of one profile, with a mailbox, each in one pool at most. */
export function readPools(
  node: Located | undefined,
  devices: ReadonlyMap<string, Device>,
  allRead: boolean,
): PoolsReading {
  const value = new Map<string, readonly string[]>();
  const taken = new Map<string, string>();
  const findings = entriesOf(node).flatMap(([pool, { value: list }]) => {
    const members = namesIn(list);
    const found = [
      ...checkName(pool),
      ...(members ? checkMembers(members, { devices, allRead, taken, pool }) : [notAList(list)]),
    ];
    value.set(pool, members ?? []);
    for (const member of members ?? []) taken.set(member, pool);
    return about(["pools", pool], `pool ${pool}`, found);
  });
  const notMap = node !== undefined && node.kind !== "map" && plain(node) !== null;
  const example = "as in pickers: [picker1, picker2]";
  return {
    value,
    findings: notMap ? [{ path: ["pools"], message: "pools: expected a map", hint: example }] : findings,
  };
}

function notAList(list: Located): Finding {
  const message = `expected a list of devices, got ${shown(plain(list))}`;
  return { path: [], message, hint: "as in [picker1, picker2]" };
}

function namesIn(list: Located): readonly string[] | undefined {
  if (list.kind !== "list") return undefined;
  const names = list.items.map((item) => (item.kind === "scalar" ? String(item.value) : undefined));
  return names.every((name) => name !== undefined) ? names : undefined;
}

function checkName(pool: string): readonly Finding[] {
  return NAME_PATTERN.test(pool) ? [] : [{ path: [], message: `"${pool}" ${NAME_RULE}`, atKey: true }];
}

interface Surroundings {
  readonly devices: ReadonlyMap<string, Device>;
  /** Every device could be understood: one that is not here does not exist. */
  readonly allRead: boolean;
  /** The pool of every device that has one already. */
  readonly taken: ReadonlyMap<string, string>;
  readonly pool: string;
}

function checkMembers(members: readonly string[], around: Surroundings): readonly Finding[] {
  if (members.length === 0) return [{ path: [], message: "has no devices", hint: "as in [picker1, picker2]" }];
  const first = members.map((name) => around.devices.get(name)).find((device) => device?.profile.mailbox);
  return members.flatMap((name, index) => {
    const finding = members.indexOf(name) < index ? `${name} is named twice` : checkMember(name, first, around);
    if (finding === undefined) return [];
    return typeof finding === "string" ? [{ path: [index], message: finding }] : [{ path: [index], ...finding }];
  });
}

function checkMember(
  name: string,
  first: Device | undefined,
  { devices, allRead, taken, pool }: Surroundings,
): string | Omit<Finding, "path"> | undefined {
  const device = devices.get(name);
  if (!device) {
    return allRead ? { message: `unknown device "${name}"`, hint: didYouMean(name, [...devices.keys()]) } : undefined;
  }
  const other = taken.get(name);
  if (other !== undefined && other !== pool) return `${name} is in pool ${other} already`;
  const { profile } = device;
  if (!profile.mailbox)
    return {
      message: `${name} (${profile.name}) takes no jobs`,
      hint: "its profile needs a mailbox: docs/job-mailbox.md",
    };
  if (first && profile.name !== first.profile.name)
    return `${name} is a ${profile.name}, ${first.name} a ${first.profile.name}: a pool is of like devices`;
  return undefined;
}
