/**
 * Whether a master's memory stays flat while its broker takes everything in and answers nothing:
 * `npm run soak:blackhole -- --minutes 60`. `takt run` masters 30 slaves with 2 registers each that are other values at
 * every read, 25 times a second: 1,500 values/s in 750 messages/s, so that the outbox is full after five minutes. A line is
 * printed every ten seconds, and at the end what memory did after the first ten minutes. Needs mosquitto.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Mosquitto } from "../test/support/processes/mosquitto.ts";
import { MqttListener } from "../test/support/mqtt/mqtt-listener.ts";
import { Site, SITE_ROOT, siteSettings, startTakt } from "../test/support/processes/takt.ts";
import { TcpProxy } from "../test/support/processes/tcp-proxy.ts";
import { script, serve } from "./child.ts";
import { machine } from "./report.ts";

const { values: options } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, settle: { type: "string", default: "10" } },
});
const minutes = Number(options.minutes);
/** The outbox fills, and heaps find their size: not measured. */
const settle = Number(options.settle);

const SAMPLE_EVERY = 10_000;
const HEALTHY_FOR = 20_000;
/** Flat is what grows by less than this in an hour. */
const MIB_PER_HOUR = 8;

const DEVICES = 30;
const profile = `profile: bench/pair
title: Two registers that count
tags:
  a: { at: holding 0, class: cycle }
  b: { at: holding 1, class: cycle }
`;
const plantAt = (port: number): string => `plant: blackhole
scan: { period: 40ms, classes: { cycle: 40ms } }
lines: { slaves: { tcp: { host: 127.0.0.1, port: ${port} }, window: 8, roundTrip: 1ms } }
devices: { "pair\${n}": { repeat: { n: 1..${DEVICES} }, profile: bench/pair, line: slaves, unit: "\${n}" } }
`;
/** Loaded by every thread of the master: scan and office leave their own memory in a file each. */
const reporter = `const { isMainThread, workerData } = require("node:worker_threads");
const { renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const name = isMainThread ? "scan" : workerData?.brief ? "office" : undefined;
const file = join(__dirname, name + ".heap");
const report = () => {
  writeFileSync(file + ".new", JSON.stringify(process.memoryUsage()));
  renameSync(file + ".new", file);
};
if (name) setInterval(report, 5000).unref();
`;

interface Sample {
  readonly minute: number;
  /** In MiB, as all below. */
  readonly rss: number;
  /** Not of files: heaps and stacks. */
  readonly anonymous: number;
  /** In use, before and after the collection of garbage alike. */
  readonly scanHeap: number;
  readonly officeHeap: number;
  readonly store: number;
}

const COLUMNS = ["minute", "rss", "anonymous", "scanHeap", "officeHeap", "store"] as const;
const MIB = 2 ** 20;

async function sample(pid: number, folder: string, since: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  const heap = async (thread: string): Promise<number> => {
    const text = await readFile(join(folder, `${thread}.heap`), "utf8");
    return (JSON.parse(text) as NodeJS.MemoryUsage).heapUsed / MIB;
  };
  return {
    minute: (performance.now() - since) / 60_000,
    rss: kib("VmRSS") / 1024,
    anonymous: kib("RssAnon") / 1024,
    scanHeap: await heap("scan"),
    officeHeap: await heap("office"),
    store: (await sizeOf(join(folder, "store"))) / MIB,
  };
}

/** Of what lies in the folder; a file that goes meanwhile counts nothing. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sizeOf(path);
    return stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** By linear regression, in MiB an hour. */
function slope(samples: readonly Sample[], of: (each: Sample) => number): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
  const x = samples.map(({ minute }) => minute / 60);
  const y = samples.map(of);
  const [x0, y0] = [mean(x), mean(y)];
  const covariance = mean(x.map((each, at) => (each - x0) * ((y[at] ?? NaN) - y0)));
  return covariance / mean(x.map((each) => (each - x0) ** 2));
}

function verdict(samples: readonly Sample[]): void {
  const settled = samples.filter(({ minute }) => minute >= settle);
  const third = Math.floor(settled.length / 3);
  if (third === 0) return console.log(`too short: the first ${settle} minutes are not judged`);
  const heads = ["an hour", "min", "max", "max-min", "min, 1st third", "min, last third"];
  console.log(`from minute ${settle} on, MiB:`.padEnd(24) + heads.map(right).join(""));
  const least = (values: readonly number[]): number => Math.min(...values);
  for (const column of COLUMNS.slice(1)) {
    const values = settled.map((each) => each[column]);
    const [min, max] = [least(values), Math.max(...values)];
    const thirds = [least(values.slice(0, third)), least(values.slice(-third))];
    const cells = [slope(settled, (each) => each[column]), min, max, max - min, ...thirds];
    console.log(column.padEnd(24) + cells.map((cell) => right(cell.toFixed(1))).join(""));
  }
  const grown = slope(settled, ({ rss }) => rss);
  console.log(
    `memory ${grown < MIB_PER_HOUR ? "stays flat" : "is NOT flat"}: ${grown.toFixed(1)} MiB an hour, less than ${MIB_PER_HOUR} is flat`,
  );
}

function right(cell: string): string {
  return cell.padStart(16);
}

console.log(machine());
console.log(
  `${DEVICES * 50} values/s in ${DEVICES * 25} messages/s; the broker answers nothing for ${minutes} minutes`,
);
const broker = await Mosquitto.start();
const proxy = await TcpProxy.start(broker.port);
const slaves = await serve(script("counting-slave.ts"));
const site = await Site.create({
  "plant.yaml": plantAt(slaves.ports[0] ?? 0),
  "devices/bench/pair.yaml": profile,
  "settings.yaml": siteSettings(`mqtt://127.0.0.1:${proxy.port}`),
  "memory.cjs": reporter,
});
const arguments_ = ["run", site.path("plant.yaml"), "--settings", site.path("settings.yaml")];
const takt = startTakt(arguments_, { NODE_OPTIONS: `--require ${site.path("memory.cjs")}` });
try {
  await pause(HEALTHY_FOR);
  proxy.blackhole();
  console.log(COLUMNS.map(right).join(""));
  const samples: Sample[] = [];
  const since = performance.now();
  for (let at = SAMPLE_EVERY; at <= minutes * 60_000; at += SAMPLE_EVERY) {
    await pause(at - (performance.now() - since));
    if (!takt.running) throw new Error(`takt ended: ${takt.err}\n${await site.log()}`);
    const taken = await sample(takt.child.pid ?? 0, site.folder, since);
    samples.push(taken);
    console.log(COLUMNS.map((column) => right(taken[column].toFixed(1))).join(""));
  }
  verdict(samples);
  const listener = await MqttListener.connect(broker.url, {}, `${SITE_ROOT}/_gw/stats`);
  proxy.resume();
  const { text } = await listener.message(() => true, 60_000);
  await listener.end();
  const stats = JSON.parse(text) as { readonly mqtt: Readonly<Record<string, unknown>> };
  console.log(`once the broker is back: ${JSON.stringify(stats.mqtt)}`);
} finally {
  await takt.kill();
  slaves.process.kill();
  await proxy.close();
  await broker.dispose();
  await site.dispose();
}
