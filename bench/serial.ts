/**
 * Reads on a paced serial bus, a pseudo terminal with the wire and the slave behind it, by takt's drivers and by their peers:
 * `npm run bench:serial [rounds] [seconds]`. Needs gcc, libmodbus-dev and python3-pymodbus.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { t35, wireTime } from "../src/modbus/wire-time.ts";
import { PYTHON } from "../test/support/processes/peers.ts";
import { script } from "./child.ts";
import { compilePeer } from "./compile-peer.ts";
import { PacedSlave, type PacedTransaction } from "./paced-slave.ts";
import { machine, median } from "./report.ts";

const [rounds = 2, seconds = 3] = process.argv.slice(2).map(Number);

/** What takt's median is to reach of the limit. */
const BUSES = [
  { baudRate: 9600, quantity: 10, goal: 0.98 },
  { baudRate: 19_200, quantity: 10, goal: 0.97 },
  { baudRate: 115_200, quantity: 10, goal: 0.93 },
  { baudRate: 115_200, quantity: 125, goal: 0.98 },
] as const;

type Bus = (typeof BUSES)[number];

const folder = mkdtempSync(join(tmpdir(), "takt-bench-"));
const slave = compilePeer("paced-slave", folder);
const libmodbus = compilePeer("libmodbus-rtu-client", folder);
const pymodbus = fileURLToPath(new URL("peers/pymodbus-rtu-client.py", import.meta.url));

/** Eight data bits and one stop bit: a pseudo terminal carries no parity, and glibc refuses to set one there. */
const formatOf = ({ baudRate }: Bus) => ({ baudRate, parity: "none", stopBits: 1 }) as const;
const silenceOf = (bus: Bus): number => t35(formatOf(bus));

/** A client reads on a terminal until it is killed. */
type Client = (path: string, bus: Bus) => [string, string[]];

const typescript =
  (client: string): Client =>
  (path, { baudRate, quantity }) =>
    script("serial-client.ts", client, path, baudRate, quantity);

const compiled =
  (gap: (bus: Bus) => number): Client =>
  (path, bus) => [libmodbus, [path, bus.baudRate, bus.quantity, Math.ceil(gap(bus) * 1e6)].map(String)];

const clients: Readonly<Record<string, Client>> = {
  "takt, driver serialport": typescript("serialport"),
  "takt, driver tty": typescript("tty"),
  "libmodbus, waiting t3.5 as well": compiled(silenceOf),
  libmodbus: compiled(() => 0),
  "modbus-serial alone": typescript("library"),
  pymodbus: (path, { baudRate, quantity }) => [PYTHON, [pymodbus, path, String(baudRate), String(quantity)]],
};

async function measure(client: Client, bus: Bus): Promise<readonly PacedTransaction[]> {
  const paced = await PacedSlave.start(slave, bus.baudRate, seconds);
  const [program, args] = client(paced.path, bus);
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const died = new Promise<never>((_, reject) => {
    child.once("exit", () => reject(new Error(`${program} ${args.join(" ")} ended: ${err}`)));
  });
  try {
    return await Promise.race([paced.transactions, died]);
  } finally {
    died.catch(() => undefined);
    child.kill("SIGKILL");
    paced.kill();
  }
}

function row(name: string, transactions: readonly PacedTransaction[], limit: number, t35: number): void {
  const span = median(transactions.map(({ span }) => span));
  const silences = transactions.map(({ silence }) => silence);
  const short = silences.filter((silence) => silence < t35).length / silences.length;
  const cells = [
    span.toFixed(3),
    `${((100 * limit) / span).toFixed(1)} %`,
    Math.min(...silences).toFixed(3),
    median(silences).toFixed(3),
    `${(100 * short).toFixed(1)} %`,
    String(transactions.length),
  ];
  console.log(`  ${name.padEnd(34)}${cells.map((cell) => cell.padStart(14)).join("")}`);
}

console.log(machine());
console.log(
  `pseudo terminal, 8N1, turnaround t3.5, ${rounds} rounds of ${seconds} s each after 1 s, in turns; milliseconds`,
);
const HEADS = ["transaction", "of the limit", "silence, min", "median", "too short", "count"];
try {
  for (const bus of BUSES) {
    const results = new Map(Object.keys(clients).map((name) => [name, [] as PacedTransaction[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, client] of Object.entries(clients)) results.get(name)?.push(...(await measure(client, bus)));
    }
    const limit = wireTime({ fc: 3, address: 0, quantity: bus.quantity }, formatOf(bus));
    const all = [...results.values()].flat();
    console.log(
      `\n${bus.baudRate} baud, ${bus.quantity} registers: limit ${limit.toFixed(3)}, t3.5 ${silenceOf(bus).toFixed(3)}; goal: takt ${bus.goal * 100} %, none too short`,
    );
    console.log(`  ${"".padEnd(34)}${HEADS.map((head) => head.padStart(14)).join("")}`);
    for (const [name, transactions] of results) row(name, transactions, limit, silenceOf(bus));
    console.log(`  the slave itself is late by ${median(all.map(({ late }) => late)).toFixed(3)} in the median`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
