/**
 * How late a 10 ms cycle starts, idle and while 5,000 values a second are published:
 * `npm run bench:cycle [seconds] [period]`. cyclictest (Debian's rt-tests) and mosquitto have to be there.
 */
import { execFileSync } from "node:child_process";
import { measure, script, serve } from "./child.ts";
import { machine } from "./report.ts";
import { Mosquitto } from "../test/support/mosquitto.ts";

const [seconds = 60, period = 10] = process.argv.slice(2).map(Number);
const VALUES_PER_SECOND = 5000;
const values = Math.round((VALUES_PER_SECOND * period) / 1000);

const slave = await serve(script("counting-slave.ts"));
const broker = await Mosquitto.start();
const port = slave.ports[0] ?? NaN;

function contender(name: string, changing: number): [string, string[]] {
  return script("cycle-runner.ts", name, port, broker.port, period, seconds, changing);
}

/** The lateness of a timer that does nothing else, as the kernel alone allows: in milliseconds. */
function cyclictest(): number[] {
  const args = ["--policy=other", "-q", "-i", String(period * 1000), "-D", String(seconds), "-h", "20000", "-t1"];
  const lines = execFileSync("cyclictest", args).toString().split("\n");
  const buckets = lines.flatMap((line) => /^(\d{6}) (\d{6,})/.exec(line)?.slice(1).map(Number) ?? []);
  const starts: number[] = [];
  for (let at = 0; at < buckets.length; at += 2) {
    for (let count = buckets[at + 1] ?? 0; count > 0; count--) starts.push((buckets[at] ?? 0) / 1000);
  }
  return starts;
}

function row(name: string, starts: readonly number[], missed: number | undefined): void {
  const sorted = [...starts].sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.ceil(sorted.length * share) - 1] ?? NaN).toFixed(3).padStart(9);
  const cells = [at(0.5), at(0.99), at(0.999), at(1), String(missed ?? "–").padStart(8)];
  console.log(`${name.padEnd(44)}${cells.join("")}${String(starts.length).padStart(9)}`);
}

console.log(machine());
console.log(
  `cycle of ${period} ms for ${seconds} s each, one after the other; a slave and mosquitto on the same machine`,
);
console.log(
  `${"lateness in ms".padEnd(44)}${["p50", "p99", "p99.9", "max"].map((head) => head.padStart(9)).join("")}  missed   starts`,
);
try {
  row("cyclictest, no real-time priority", cyclictest(), undefined);
  for (const [name, changing, label] of [
    ["interval", 0, "setInterval, idle"],
    ["takt", 0, "takt, idle"],
    ["interval", values, `setInterval, ${VALUES_PER_SECOND} values/s`],
    ["takt", values, `takt, ${VALUES_PER_SECOND} values/s`],
  ] as const) {
    const [missed, ...starts] = await measure(contender(name, changing));
    row(label, starts, missed);
  }
} finally {
  slave.process.kill();
  await broker.dispose();
}
