/**
 * One round of publish.ts: `publish-runner.ts <PublishTask as JSON>`. Prints a line when it begins to measure, and a
 * PublishResult as JSON at its end.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OfficeSettings } from "../src/app/office/office-settings.ts";
import { startOffice } from "../src/app/office/start-office.ts";
import { collectAlone } from "../src/app/scan/collect-alone.ts";
import { ScanSide } from "../src/app/scan/scan-side.ts";
import { scheduleScanThread } from "../src/app/scan/schedule-scan-thread.ts";
import type { Plant } from "../src/config/plant/plant.ts";
import type { Device } from "../src/device/profile.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { seededRandom } from "../src/kit/random.ts";
import { blockUntil, systemClock } from "../src/kit/system-clock.ts";
import { ms, plus } from "../src/kit/time.ts";
import { lastStretch } from "../src/scan/cycle/pacemaker.ts";
import { benchSettings } from "./bench-settings.ts";
import { loadedPlant } from "./loaded-plant.ts";

export interface PublishTask {
  /** `nothing`: the office hears of the same changes, and tells none of them. */
  readonly told: "nothing" | "json" | "sparkplug";
  readonly slavePort: number;
  /** Of the tenfold demo's lines. */
  readonly ports: readonly number[];
  readonly brokerPort: number;
  /** In milliseconds. */
  readonly period: number;
  readonly seconds: number;
  /** Units of the slave, and how many values of each change in every cycle. */
  readonly units: number;
  readonly values: number;
}

export interface PublishResult {
  /** Of every start, in milliseconds after the grid. */
  readonly starts: readonly number[];
  readonly missed: number;
  /** Processor time in cores: of the office's thread, of the scan's, and of the whole process. */
  readonly office: number;
  readonly scan: number;
  readonly whole: number;
  /** Which priority the scan had. */
  readonly scheduling: string;
}

const WARM_UP = 8000;
const TASKS = "/proc/self/task";

const task = JSON.parse(process.argv[2] ?? "") as PublishTask;
const storeDir = mkdtempSync(join(tmpdir(), "takt-publish-"));
try {
  console.log(JSON.stringify(await run(task)));
} finally {
  rmSync(storeDir, { recursive: true });
}
process.exit(0);

async function run({ period, seconds }: PublishTask): Promise<PublishResult> {
  const plant = plantOf(task);
  const cycles = new Int32Array(new SharedArrayBuffer(4));
  collectAlone();
  const { mode: scheduling } = await scheduleScanThread("auto", { clock: systemClock });
  const before = threads();
  const office = await startOffice({ plant, settings: settingsOf(task), cycles });
  const starts: number[] = [];
  let missed = 0;
  let warm = false;
  const scan = new ScanSide({
    plant,
    link: office.link,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    lastStretch: lastStretch(ms(period), blockUntil),
    readOnly: false,
    statsInterval: ms(10_000),
    onCycle: ({ lateness, skipped }) => {
      Atomics.add(cycles, 0, 1);
      if (!warm) return;
      starts.push(lateness);
      missed += skipped;
    },
    onBroken: (error) => {
      throw error;
    },
  });
  scan.start();
  await pass(WARM_UP);
  console.log("measuring");
  warm = true;
  const from = processorTimes();
  await pass(seconds * 1000);
  const to = processorTimes();
  warm = false;
  Atomics.store(cycles, 0, 0);
  await scan.stop({ holdOutputs: true, by: plus(systemClock.now(), ms(500)) });
  await office.link.stopped();
  const cores = (thread: string): number => ((to.get(thread) ?? 0) - (from.get(thread) ?? 0)) / seconds;
  const ofOffice = [...to.keys()].filter((thread) => !before.includes(thread));
  return {
    starts,
    missed,
    // Of the threads that came with the office its own has the most to do: the others load sources and write files.
    office: Math.max(...ofOffice.map(cores)),
    scan: cores(String(process.pid)),
    whole: [...to.keys()].reduce((sum, thread) => sum + cores(thread), 0),
    scheduling,
  };
}

/** The tenfold demo, and some units more of which every value changes in every cycle; they are read, not written. */
function plantOf({ slavePort, ports, period, units, values }: PublishTask): Plant {
  const { devices, ...plant } = loadedPlant({ port: slavePort, period: ms(period), changing: values }, ports);
  const all = [...devices.values()].flatMap((device) =>
    device.name === "counter" ? Array.from({ length: units }, (_, unit) => counter(device, unit + 1)) : [device],
  );
  return { ...plant, devices: new Map(all.map((device) => [device.name, device])) };
}

function counter(device: Device, unit: number): Device {
  return { ...device, name: `counter-${unit}`, unit, profile: { ...device.profile, heartbeat: undefined } };
}

/** As takt has it where nothing is set, with a store and an outbox. Nothing is told while it waits for a host that never comes. */
function settingsOf({ told, brokerPort }: PublishTask): OfficeSettings {
  const settings = benchSettings(brokerPort);
  const { url } = settings.mqtt;
  const primaryHost = told === "nothing" ? "nobody" : undefined;
  const sparkplug = { group: "bench", edgeNode: "bench", primaryHost, servers: [url], only: true };
  const outbox = { maxAge: ms(86_400_000), pace: ms(5) };
  return {
    ...settings,
    storeDir,
    mqtt: {
      ...settings.mqtt,
      outbox: told === "nothing" ? undefined : outbox,
      sparkplug: told === "json" ? undefined : sparkplug,
    },
  };
}

function threads(): readonly string[] {
  return readdirSync(TASKS);
}

/** Of every thread, in seconds. */
function processorTimes(): ReadonlyMap<string, number> {
  return new Map(
    threads().map((thread) => {
      const [nanoseconds] = readFileSync(join(TASKS, thread, "schedstat"), "utf8").split(" ");
      return [thread, Number(nanoseconds) / 1e9];
    }),
  );
}

function pass(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
