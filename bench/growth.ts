/**
 * How takt's cost grows with the plant: 10, 100 and 1,000 TCP devices, 20 registers of each every 200 ms, at a 20 ms cycle:
 * `npm run bench:growth [seconds] [devices …]`.
 */
import { measuring, script, serve } from "./child.ts";
import type { GrowthResult } from "./growth-runner.ts";
import { machine } from "./report.ts";

const [seconds = 20, ...given] = process.argv.slice(2).map(Number);
const sizes = given.length > 0 ? given : [10, 100, 1000];

console.log(machine());
console.log(
  `loopback, 20 registers of each device every 200 ms, a cycle of 20 ms, ${seconds} s each after 5 s of warming up`,
);
const heads = ["tags/s", "ms/1,000", "start ms", "busy p99", "late p99", "missed", "RSS MB"];
console.log(`${"devices".padEnd(10)}${heads.map((head) => head.padStart(10)).join("")}`);
for (const devices of sizes) {
  const farm = await serve(script("device-farm.ts", devices));
  try {
    const task = JSON.stringify({ ports: farm.ports, seconds });
    const result = await measuring<GrowthResult>(script("growth-runner.ts", task), () => undefined);
    const { tagsPerSecond, cost, startTime, busy, lateness, missed, memory } = result;
    const cells = [
      tagsPerSecond.toFixed(0),
      cost.toFixed(2),
      startTime.toFixed(0),
      busy.toFixed(2),
      lateness.toFixed(2),
    ];
    console.log(
      String(devices).padEnd(10) +
        [...cells, String(missed), memory.toFixed(0)].map((cell) => cell.padStart(10)).join(""),
    );
  } finally {
    farm.process.kill();
  }
}
console.log(
  "ms/1,000: processor time of the scan's process, without MQTT, for 1,000 tags read; start ms: planning and proof",
);
