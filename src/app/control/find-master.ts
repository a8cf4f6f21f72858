import { readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SerialAdapter } from "../../config/plant/plant.ts";
import type { Clock } from "../../kit/clock.ts";
import { ms } from "../../kit/time.ts";
import { didYouMean } from "../../device/did-you-mean.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { type ControlClient, connectControl } from "./control-client.ts";
import type { LineAddress, MasterIdentity, OwnedLine } from "./control-message.ts";
import { HostNames } from "./host-names.ts";
import { folderProblem } from "./runtime-folder.ts";

/** A running master and the line it has to itself. */
export interface FoundMaster {
  readonly client: ControlClient;
  readonly identity: MasterIdentity;
  readonly line: OwnedLine;
}

const HELLO_TIME = ms(2000);

export interface MasterSearch {
  readonly folder: string;
  readonly clock: Clock;
  /** Told of what may be a master but does not talk, and of names that no name server knows in time. */
  readonly warn: (text: string) => void;
}

/**
 * The master of this user that owns what `wanted` leads to, its client open; undefined where there is none. Sockets that dead masters
 * left behind are removed.
 */
export async function findMaster(wanted: LineAddress, search: MasterSearch): Promise<FoundMaster | undefined> {
  let found: FoundMaster | undefined;
  const masters = await runningMasters(search);
  const names = new HostNames(search);
  for (const master of masters) {
    const line = found ? undefined : await ownedLine(master.identity, wanted, names);
    if (line) found = { ...master, line };
    else master.client.close();
  }
  return found;
}

/** The master of this user that has a line called `name`, its client open; why there is none. */
export async function findLine(name: string, search: MasterSearch): Promise<Result<FoundMaster, string>> {
  const masters = await runningMasters(search);
  let found: FoundMaster | undefined;
  for (const master of masters) {
    const line = found ? undefined : master.identity.lines.find((each) => each.name === name);
    if (line) found = { ...master, line };
    else master.client.close();
  }
  if (found) return ok(found);
  const known = masters.flatMap(({ identity }) => identity.lines.map((line) => line.name));
  return err(
    masters.length === 0
      ? noMaster(search.folder)
      : `no running master has a line "${name}"; ${didYouMean(name, known)}`,
  );
}

/** What to do where no master was found in `folder`. */
export function noMaster(folder: string): string {
  return (
    `no master of this user runs on this machine: there is none in ${folder}\n` +
    "  takt run starts one; one whose settings name another runtimeDir is found by TAKT_RUNTIME_DIR=<that folder>"
  );
}

/** A running master of this user whose name is `gateway`; undefined: there is none. */
export async function findGateway(gateway: string, search: MasterSearch): Promise<MasterIdentity | undefined> {
  const running = await runningMasters(search);
  for (const { client } of running) client.close();
  return running.find(({ identity }) => identity.gateway === gateway)?.identity;
}

/** A line of ours that another running master of this user has too. */
export interface SharedLine {
  readonly line: string;
  readonly other: Pick<MasterIdentity, "plant" | "pid">;
}

/** The lines among `own` that other masters than `self` (a process id) lead to as well. */
export async function sharedLines(
  own: readonly OwnedLine[],
  self: number,
  search: MasterSearch,
): Promise<readonly SharedLine[]> {
  const shared: SharedLine[] = [];
  const masters = await runningMasters(search);
  const names = new HostNames(search);
  for (const { client, identity } of masters) {
    client.close();
    if (identity.pid === self) continue;
    for (const line of own)
      if (await ownedLine(identity, line, names)) shared.push({ line: line.name, other: identity });
  }
  return shared;
}

async function ownedLine(
  { lines }: MasterIdentity,
  wanted: LineAddress,
  names: HostNames,
): Promise<OwnedLine | undefined> {
  for (const line of lines) if (await leadToTheSame(line, wanted, names)) return line;
  return undefined;
}

/** What speaks Modbus/TCP on an endpoint and what speaks RTU there are the same: its owner has the connection. */
async function leadToTheSame(one: LineAddress, other: LineAddress, names: HostNames): Promise<boolean> {
  if (one.kind === "serial" || other.kind === "serial") {
    return one.kind === "serial" && other.kind === "serial" && samePort(one.adapter, other.adapter);
  }
  return one.port === other.port && names.areSame(one.host, other.host);
}

/** Paths are compared by what they lead to, since by-id paths are links. */
function samePort(one: SerialAdapter, other: SerialAdapter): boolean {
  if ("path" in one && "path" in other) return devicePath(one.path) === devicePath(other.path);
  return JSON.stringify(one) === JSON.stringify(other);
}

function devicePath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A running master, its client open. */
export type Running = Omit<FoundMaster, "line">;

/** Every master of this user that runs on this machine, their clients open. */
export async function runningMasters(search: MasterSearch): Promise<readonly Running[]> {
  if (folderProblem(search.folder) !== undefined) return [];
  const names = readdirSync(search.folder).filter((name) => /^\d+\.sock$/.test(name));
  const found = await Promise.all(names.map((name) => greet(join(search.folder, name), search)));
  return found.filter((master) => master !== undefined);
}

async function greet(path: string, { clock, warn }: MasterSearch): Promise<Running | undefined> {
  const connected = await connectControl(path, clock);
  if (!connected.ok) {
    if (connected.failure.kind === "refused") rmSync(path, { force: true });
    else warn(`${path}: ${connected.failure.reason}`);
    return undefined;
  }
  const client = connected.value;
  const reply = await client.ask({ hello: 1 }, HELLO_TIME);
  if (reply.ok && "hello" in reply.value) return { client, identity: reply.value.hello };
  client.close();
  warn(`the master at ${path} does not reply`);
  return undefined;
}
