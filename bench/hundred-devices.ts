/**
 * 100 TCP devices, one block of each every 100 ms: processor time per 1,000 requests of takt's lines and of their peers, in
 * turns: `npm run bench:devices [rounds] [seconds] [registers]`.
 */
import { measure, script, serve } from "./child.ts";
import { machine, median, ratio } from "./report.ts";

const DEVICES = 100;

const [rounds = 5, seconds = 8, registers = 20] = process.argv.slice(2).map(Number);
const baseline = "bare node sockets";
const clients = { [baseline]: "bare", "takt lines": "takt", "modbus-serial TcpPorts": "library" } as const;

const farm = await serve(script("device-farm.ts", DEVICES));
const results = new Map(Object.keys(clients).map((name) => [name, [] as number[]]));
console.log(machine());
console.log(
  `loopback, ${DEVICES} devices, ${registers} registers of each every 100 ms, ${rounds} rounds of ${seconds} s after 6 s of warming up, in turns`,
);
try {
  for (let round = 0; round < rounds; round++) {
    for (const [name, client] of Object.entries(clients)) {
      const [used = NaN, done = NaN] = await measure(
        script("device-client.ts", client, registers, seconds, farm.ports.join(",")),
      );
      results.get(name)?.push(used / done);
    }
  }
} finally {
  farm.process.kill();
}
console.log(`${"".padEnd(26)}${"ms of processor per 1,000 requests".padStart(36)}   of bare sockets, round by round`);
for (const [name, values] of results) {
  const share = ratio(values, results.get(baseline) ?? []);
  console.log(`${name.padEnd(26)}${median(values).toFixed(1).padStart(36)}   ${share}`);
}
console.log("goal: takt at most 1.25");
