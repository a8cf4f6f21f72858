/**
 * Reads of 125 registers on one TCP connection to a libmodbus server, by takt's line and by its peers, in turns:
 * `npm run bench:tcp [rounds] [seconds]`. Needs gcc and libmodbus-dev.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, script, serve } from "./child.ts";
import { compilePeer } from "./compile-peer.ts";
import { machine, median, ratio } from "./report.ts";

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number);

const folder = mkdtempSync(join(tmpdir(), "takt-bench-"));

const server = await serve([compilePeer("libmodbus-server", folder), []]);
const client = compilePeer("libmodbus-client", folder);
const port = server.ports[0] ?? NaN;
const baseline = "libmodbus C client, sequential";

const variants: Readonly<Record<string, [string, string[]]>> = {
  [baseline]: [client, [String(port), String(seconds)]],
  "takt line, sequential": script("tcp-client.ts", "takt", port, 1, seconds),
  "takt line, 8 in flight": script("tcp-client.ts", "takt", port, 8, seconds),
  "modbus-serial TcpPort, sequential": script("tcp-client.ts", "library", port, 1, seconds),
  "modbus-serial TcpPort, 8 in flight": script("tcp-client.ts", "library", port, 8, seconds),
  "bare node socket, sequential": script("tcp-client.ts", "bare", port, 1, seconds),
  "bare node socket, 8 in flight": script("tcp-client.ts", "bare", port, 8, seconds),
};

const results = new Map(Object.keys(variants).map((name) => [name, [] as number[]]));
console.log(machine());
console.log(
  `${execFileSync("pkg-config", ["--modversion", "libmodbus"]).toString().trim()} libmodbus, modbus-serial 8.0.25,`,
);
console.log(
  `loopback, 125 registers a request, ${rounds} rounds of ${seconds} s each, in turns; each client in a process of its own`,
);
try {
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of Object.entries(variants)) results.get(name)?.push(...(await measure(program)));
  }
} finally {
  server.process.kill();
  rmSync(folder, { recursive: true });
}
console.log(`${"".padEnd(38)}${"requests/s".padStart(10)}   of libmodbus's client, round by round`);
for (const [name, values] of results) {
  const share = ratio(values, results.get(baseline) ?? []);
  console.log(`${name.padEnd(38)}${median(values).toFixed(0).padStart(10)}   ${share}`);
}
console.log("goals: takt sequential at least 0.9, with 8 in flight at least 4");
