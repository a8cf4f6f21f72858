import { readdirSync, rmSync } from "node:fs";
import { lookup } from "node:dns/promises";
import { join } from "node:path";
import type { Clock } from "../../kit/clock.ts";
import { ms } from "../../kit/time.ts";
import { type ControlClient, connectControl } from "./control-client.ts";
import type { MasterIdentity, OwnedLine } from "./control-message.ts";
import { folderProblem } from "./runtime-folder.ts";

/** A running master and the line it has to itself. */
export interface FoundMaster {
  readonly client: ControlClient;
  readonly identity: MasterIdentity;
  readonly line: OwnedLine;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const HELLO_TIME = ms(2000);

export interface MasterSearch {
  readonly folder: string;
  readonly clock: Clock;
  /** Told of what may be a master but does not talk. */
  readonly warn: (text: string) => void;
}

/**
 * The master of this user that owns `endpoint`, its client open; undefined where there is none. Sockets that dead masters
 * left behind are removed.
 */
export async function findMaster(endpoint: Endpoint, search: MasterSearch): Promise<FoundMaster | undefined> {
  const wanted = await addressesOf(endpoint.host);
  let found: FoundMaster | undefined;
  for (const master of await runningMasters(search)) {
    const line = found ? undefined : await ownedLine(master.identity, wanted, endpoint.port);
    if (line) found = { ...master, line };
    else master.client.close();
  }
  return found;
}

async function ownedLine(
  { lines }: MasterIdentity,
  wanted: ReadonlySet<string>,
  port: number,
): Promise<OwnedLine | undefined> {
  for (const line of lines) {
    if (line.port === port && meet(wanted, await addressesOf(line.host))) return line;
  }
  return undefined;
}

type Running = Omit<FoundMaster, "line">;

async function runningMasters(search: MasterSearch): Promise<readonly Running[]> {
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

/** Every address of `host`; all of this machine's loopback addresses are one. */
async function addressesOf(host: string): Promise<ReadonlySet<string>> {
  const name = host.toLowerCase();
  const found = await lookup(name, { all: true }).catch(() => []);
  return new Set([name, ...found.map(({ address }) => address)].map(sameLoopback));
}

function sameLoopback(address: string): string {
  return address === "localhost" || address === "::1" || address === "127.0.0.1" ? "localhost" : address;
}

function meet(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].some((address) => others.has(address));
}
