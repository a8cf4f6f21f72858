/**
 * One contender of cycle.ts: `cycle-runner.ts <CycleTask as JSON>`. Prints a line when it begins to measure, and a
 * CycleResult as JSON at its end.
 */
import { connect } from "mqtt";
import ModbusRTU from "modbus-serial";
import { collectAlone } from "../src/app/scan/collect-alone.ts";
import { scheduleScanThread } from "../src/app/scan/schedule-scan-thread.ts";
import { startOffice } from "../src/app/office/start-office.ts";
import { ScanSide } from "../src/app/scan/scan-side.ts";
import { tagTable } from "../src/device/tag-table.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { seededRandom } from "../src/kit/random.ts";
import { blockUntil, systemClock } from "../src/kit/system-clock.ts";
import { ms, plus } from "../src/kit/time.ts";
import { entriesOf } from "../src/plan/read-block.ts";
import { scanPlan } from "../src/plan/scan-plan.ts";
import { lastStretch } from "../src/scan/cycle/pacemaker.ts";
import type { Plant } from "../src/config/plant/plant.ts";
import { benchSettings } from "./bench-settings.ts";
import { loadedPlant } from "./loaded-plant.ts";

export interface CycleTask {
  readonly contender: "takt" | "interval";
  readonly realTime: boolean;
  readonly slavePort: number;
  /** Of the tenfold demo's lines. */
  readonly ports: readonly number[];
  readonly brokerPort: number;
  /** In milliseconds. */
  readonly period: number;
  readonly seconds: number;
  /** Values of the slave that change, and are published, in every cycle. */
  readonly values: number;
}

export interface CycleResult {
  /** The first cycle that was measured. */
  readonly first: number;
  /** Of every start, in milliseconds after the grid. */
  readonly starts: readonly number[];
  readonly missed: number;
  /** Where cycle 0 lies, on the machine's monotonic clock. */
  readonly grid: number;
  /** Milliseconds of processor time of the whole process for 1,000 tags read; null: not counted. */
  readonly cost: number | null;
  /** Which priority it had. */
  readonly scheduling: string;
}

const WARM_UP = ms(5000);

const task = JSON.parse(process.argv[2] ?? "") as CycleTask;
const { period, seconds, values } = task;
const result = task.contender === "takt" ? await taktCycle() : await intervalCycle();
console.log(JSON.stringify(result));
process.exit(0);

async function taktCycle(): Promise<CycleResult> {
  const slave = { port: task.slavePort, period: ms(period), changing: values };
  const plant = loadedPlant(slave, task.ports);
  const cycles = new Int32Array(new SharedArrayBuffer(4));
  collectAlone();
  const scheduling = await scheduleScanThread(task.realTime ? "required" : "off", { clock: systemClock });
  const office = await startOffice({ plant, settings: benchSettings(task.brokerPort), cycles });
  const starts: number[] = [];
  let first: number | undefined;
  let [missed, planned, done, grid] = [0, 0, 0, Infinity];
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
    onCycle: ({ cycle, lateness, skipped, latch, control, output, input, blocksPlanned, blocksDone }) => {
      Atomics.add(cycles, 0, 1);
      if (!warm) return;
      first ??= cycle;
      starts.push(lateness);
      missed += skipped;
      planned += blocksPlanned;
      done += blocksDone;
      // What lies between the end of the cycle and this line makes it later, never earlier.
      grid = Math.min(grid, systemClock.now() - latch - control - output - input - lateness - cycle * period);
    },
    onBroken: (error) => {
      throw error;
    },
  });
  scan.start();
  await pass(WARM_UP);
  console.log("measuring");
  warm = true;
  const before = process.cpuUsage();
  await pass(seconds * 1000);
  const used = process.cpuUsage(before);
  warm = false;
  Atomics.store(cycles, 0, 0);
  await scan.stop({ holdOutputs: true, by: plus(systemClock.now(), ms(500)) });
  await office.link.stopped();
  const tags = tagsPerSecond(plant) * seconds * Math.min(1, done / planned);
  const cost = (used.user + used.system) / tags;
  return { first: first ?? 0, starts, missed, grid, cost, scheduling: scheduling.mode };
}

/** Tags in all blocks that are read in turn. */
function tagsPerSecond(plant: Plant): number {
  const plans = scanPlan(plant, tagTable(plant.devices.values())).lines;
  const blocks = [...plans.values()].flatMap(({ cyclic }) => cyclic);
  return blocks.reduce((sum, { block, period: every }) => sum + entriesOf(block).length / ((every * period) / 1000), 0);
}

/** The loop as it is often written: setInterval, modbus-serial and mqtt.js on one thread. Start k is due k periods after the first. */
async function intervalCycle(): Promise<CycleResult> {
  const broker = connect(`mqtt://127.0.0.1:${task.brokerPort}`);
  const modbus = new ModbusRTU.default();
  await modbus.connectTCP("127.0.0.1", { port: task.slavePort });
  modbus.setID(1);
  const starts: number[] = [];
  let grid: number | undefined;
  let calls = 0;
  let warm = false;
  const timer = setInterval(() => {
    if (warm) {
      const now = systemClock.now();
      grid ??= now;
      starts.push(now - grid - period * calls++);
    }
    modbus.writeRegister(1000, calls % 32_768).catch(console.error);
    modbus.readHoldingRegisters(0, values).then(({ data }) => {
      broker.publish("bench/data", JSON.stringify({ ts: Date.now(), values: data }), { qos: 1 });
    }, console.error);
  }, period);
  await pass(WARM_UP);
  console.log("measuring");
  warm = true;
  await pass(seconds * 1000);
  clearInterval(timer);
  const missed = Math.max(0, Math.round((seconds * 1000) / period) - calls);
  return { first: 0, starts, missed, grid: grid ?? 0, cost: null, scheduling: "normal" };
}

function pass(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
