/**
 * How long planning and proving takes: 5,000 tags on 100 devices, all behind one endpoint, on ten serial wires, and on 100
 * endpoints: `npm run bench:plan [rounds]`.
 */
import type { LineSettings, Plant } from "../src/config/plant/plant.ts";
import type { Device } from "../src/device/profile.ts";
import { ms } from "../src/kit/time.ts";
import { systemClock } from "../src/kit/system-clock.ts";
import { provePlant } from "../src/plan/plant-proof.ts";
import { deviceLike, level, plantLike, serialLine } from "../test/support/plants/scan-plant.ts";
import { machine, median } from "./report.ts";

const [rounds = 5] = process.argv.slice(2).map(Number);
const DEVICES = 100;
const TAGS = 50;

function endpoint(name: string, window: number): LineSettings {
  const times = { connectTimeout: ms(1000), delayAfterConnect: ms(0), roundTrip: ms(1) };
  return { ...times, name, kind: "tcp", host: "127.0.0.1", port: 502, window, gateway: undefined };
}

/** Fifty tags in five blocks: one in each cycle, the others every 100 ms, every second, every minute and every hour. */
function device(at: number, line: string, fastest: number): Device {
  const classes = ["fast", "normal", "slow", "minute", "hour"];
  const tags = Object.fromEntries(
    Array.from({ length: TAGS }, (_, tag) => {
      const scanClass = classes[Math.max(fastest, Math.floor(tag / 10))] ?? "slow";
      const address = Math.floor(tag / 10) * 100 + (tag % 10);
      return [`t${tag}`, { address, scanClass, ...(tag === 0 ? { write: level() } : {}) }];
    }),
  );
  return deviceLike(`d${at}`, { line, unit: at + 1, tags });
}

function plant(lines: readonly LineSettings[], fastest: number): Plant {
  const { scan } = plantLike({});
  const devices = Array.from({ length: DEVICES }, (_, at) => device(at, lines[at % lines.length]?.name ?? "", fastest));
  const classes = new Map([...scan.classes, ["minute", ms(60_000)] as const, ["hour", ms(3_600_000)] as const]);
  return {
    name: "bench",
    scan: { ...scan, classes },
    lines: new Map(lines.map((line) => [line.name, line])),
    devices: new Map(devices.map((each) => [each.name, each])),
    pools: new Map(),
    programs: [],
  };
}

const many = (count: number, line: (name: string) => LineSettings): readonly LineSettings[] =>
  Array.from({ length: count }, (_, at) => line(`l${at}`));

const plants = {
  "one endpoint, window 16": plant([endpoint("l0", 16)], 1),
  "ten serial wires at 115200": plant(
    many(10, (name) => serialLine(name, 115_200)),
    2,
  ),
  "100 endpoints": plant(
    many(DEVICES, (name) => endpoint(name, 1)),
    0,
  ),
};

console.log(machine());
console.log(`${DEVICES * TAGS} tags on ${DEVICES} devices, ${rounds} rounds after one to warm up`);
for (const [name, made] of Object.entries(plants)) {
  const times: number[] = [];
  let holds = false;
  for (let round = 0; round <= rounds; round++) {
    const begun = systemClock.now();
    holds = provePlant(made).holds;
    if (round > 0) times.push(systemClock.now() - begun);
  }
  console.log(`${name.padEnd(30)}${median(times).toFixed(0).padStart(8)} ms   ${holds ? "holds" : "does not hold"}`);
}
