/** Child of growth.ts: `growth-runner.ts <{ ports, seconds } as JSON>`; scans that many devices and prints a GrowthResult. */
import { collectAlone } from "../src/app/scan/collect-alone.ts";
import { ScanSide } from "../src/app/scan/scan-side.ts";
import type { Plant } from "../src/config/plant/plant.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { seededRandom } from "../src/kit/random.ts";
import { blockUntil, systemClock } from "../src/kit/system-clock.ts";
import { ms, plus } from "../src/kit/time.ts";
import { lastStretch } from "../src/scan/cycle/pacemaker.ts";
import { deviceLike } from "../test/support/plants/scan-plant.ts";
import { quietLink } from "../test/support/scan/quiet-link.ts";

export interface GrowthResult {
  readonly tagsPerSecond: number;
  /** Milliseconds of processor time for 1,000 tags. */
  readonly cost: number;
  /** Planning and proof, in milliseconds. */
  readonly startTime: number;
  /** 99th percentiles, in milliseconds. */
  readonly busy: number;
  readonly lateness: number;
  readonly missed: number;
  /** In megabytes. */
  readonly memory: number;
}

const REGISTERS = 20;
const PERIOD = ms(20);
const READ_EVERY = ms(200);
const WARM_UP = 5000;

const { ports, seconds } = JSON.parse(process.argv[2] ?? "") as { readonly ports: number[]; readonly seconds: number };

function plantOf(): Plant {
  const times = { connectTimeout: ms(5000), delayAfterConnect: ms(0), roundTrip: ms(1) };
  const lines = ports.map((port, at) => ({
    ...times,
    name: `l${at}`,
    kind: "tcp" as const,
    host: "127.0.0.1",
    port,
    window: 1,
    gateway: undefined,
  }));
  const tags = Object.fromEntries(
    Array.from({ length: REGISTERS }, (_, address) => [`t${address}`, { address, scanClass: "normal" }]),
  );
  const devices = lines.map(({ name }, at) => deviceLike(`d${at}`, { line: name, unit: 1, tags }));
  return {
    name: "growth",
    scan: { period: PERIOD, classes: new Map([["normal", READ_EVERY]]) },
    lines: new Map(lines.map((line) => [line.name, line])),
    devices: new Map(devices.map((device) => [device.name, device])),
    pools: new Map(),
    programs: [],
  };
}

const late: number[] = [];
const busy: number[] = [];
let missed = 0;
let blocks = 0;
let warm = false;

collectAlone();
const plant = plantOf();
const begun = systemClock.now();
const link = { ...quietLink(), samples: () => undefined };
const scan = new ScanSide({
  plant,
  link,
  clock: systemClock,
  random: seededRandom(1),
  logger: silentLogger,
  lastStretch: lastStretch(PERIOD, blockUntil),
  readOnly: true,
  statsInterval: ms(10_000),
  onCycle: ({ lateness, skipped, latch, control, output, input, blocksDone }) => {
    if (!warm) return;
    late.push(lateness);
    busy.push(latch + control + output + input);
    missed += skipped;
    blocks += blocksDone;
  },
  onBroken: (error) => {
    throw error;
  },
});
const startTime = systemClock.now() - begun;
scan.start();
await pass(WARM_UP);
console.log("measuring");
warm = true;
const before = process.cpuUsage();
await pass(seconds * 1000);
const used = process.cpuUsage(before);
warm = false;
const tags = blocks * REGISTERS;
const result: GrowthResult = {
  tagsPerSecond: tags / seconds,
  cost: (used.user + used.system) / tags,
  startTime,
  busy: p99(busy),
  lateness: p99(late),
  missed,
  memory: process.memoryUsage.rss() / 2 ** 20,
};
await scan.stop({ holdOutputs: true, by: plus(systemClock.now(), ms(500)) });
console.log(JSON.stringify(result));
process.exit(0);

function p99(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? NaN;
}

function pass(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
