/**
 * How late a cycle starts while the demo plant is mastered ten times over and 5,000 values a second are published, how much of
 * that is the kernel's doing, and when its outputs reach a slave: `npm run bench:cycle [seconds] [period …]`, by default
 * 120 s at 10 and 20 ms, ten minutes in all. Needs cyclictest (Debian's rt-tests) and mosquitto.
 */
import { spawnSync } from "node:child_process";
import { Mosquitto } from "../test/support/processes/mosquitto.ts";
import { finish, measuring, script, serve } from "./child.ts";
import type { CycleResult, CycleTask } from "./cycle-runner.ts";
import { cyclictest } from "./cyclictest.ts";
import { machine } from "./report.ts";

const [seconds = 120, ...given] = process.argv.slice(2).map(Number);
const periods = given.length > 0 ? given : [10, 20];
const VALUES_PER_SECOND = 5000;
/** An output is in time that reaches the slave so many milliseconds after the grid, give or take how well the grid is known. */
const IN_TIME = 1.5;
const GRID_KNOWN_TO = 0.1;
/** The loop of the user shows what it shows in a quarter of the time. */
const INTERVAL_SHARE = 0.25;

const maySchedule = spawnSync("chrt", ["--fifo", "20", "true"]).status === 0;
const broker = await Mosquitto.start();
const world = await serve(script("tenfold-world.ts"));

/** The slave takes the time of what reaches it: it stands for a machine of its own, and goes first where that is permitted. */
function startSlave(): ReturnType<typeof serve> {
  const [program, args] = script("counting-slave.ts");
  return serve(maySchedule ? ["chrt", ["--fifo", "20", program, ...args]] : [program, args]);
}

interface Measured {
  readonly result: CycleResult;
  /** Of cyclictest, beside it. */
  readonly kernel: readonly number[];
  /** When each write reached the slave. */
  readonly writes: readonly number[];
}

async function contend(task: Pick<CycleTask, "contender" | "realTime" | "period" | "seconds">): Promise<Measured> {
  const slave = await startSlave();
  const values = Math.round((VALUES_PER_SECOND * task.period) / 1000);
  const [slavePort = 0] = slave.ports;
  const whole: CycleTask = { ...task, slavePort, ports: world.ports, brokerPort: broker.port, values };
  let kernel: Promise<number[]> = Promise.resolve([]);
  try {
    const result = await measuring<CycleResult>(script("cycle-runner.ts", JSON.stringify(whole)), () => {
      if (task.contender === "takt") kernel = cyclictest(task.period, task.seconds, task.realTime);
    });
    return { result, kernel: await kernel, writes: await finish(slave.process) };
  } finally {
    slave.process.kill("SIGKILL");
  }
}

/** Share of the cycles whose output reached the slave in time. */
function inTime({ result: { first, starts, grid, missed }, writes }: Measured, period: number): number {
  const timely = new Set<number>();
  for (const at of writes) {
    const cycle = Math.floor((at - grid + GRID_KNOWN_TO) / period);
    const after = at - grid - cycle * period;
    if (cycle >= first && cycle < first + starts.length + missed && after <= IN_TIME) timely.add(cycle);
  }
  return timely.size / (starts.length + missed);
}

/** By how much starts are later in the last tenth than in the first, in the median. */
function drift(starts: readonly number[]): number {
  const tenth = Math.ceil(starts.length / 10);
  return percentile(starts.slice(-tenth), 0.5) - percentile(starts.slice(0, tenth), 0.5);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
}

const NAME = 46;
const HEADS = ["p50", "p99", "p99.9", "max", "missed", "drift", "outputs", "ms/1,000"];

function row(name: string, starts: readonly number[], more: readonly string[] = []): void {
  const cells = [0.5, 0.99, 0.999, 1].map((share) => percentile(starts, share).toFixed(3));
  console.log(name.padEnd(NAME) + [...cells, ...more].map((cell) => cell.padStart(10)).join(""));
}

function show(name: string, measured: Measured, period: number): void {
  const { starts, missed, cost } = measured.result;
  const outputs = `${(inTime(measured, period) * 100).toFixed(1)} %`;
  const more = [String(missed), drift(starts).toFixed(3), outputs, cost === null ? "–" : cost.toFixed(2)];
  row(name, starts, more);
}

function showTakt(name: string, measured: Measured, period: number): void {
  row(`cyclictest beside it, ${measured.result.scheduling}`, measured.kernel);
  show(name, measured, period);
  const goal = Math.max(0.5, 3 * percentile(measured.kernel, 0.999));
  const reached = percentile(measured.result.starts, 0.999);
  console.log(
    `  p99.9 ${reached <= goal ? "is" : "is NOT"} within ${goal.toFixed(3)} ms, the larger of 0.5 and 3 times cyclictest's`,
  );
}

console.log(machine());
console.log(
  `the demo plant ten times, simulated on the same machine, ${VALUES_PER_SECOND} values/s of a further slave published to mosquitto; ${seconds} s each`,
);
console.log("lateness and drift in ms; outputs: cycles whose write reached the slave within 1.5 ms of the grid;");
console.log("ms/1,000: processor time of the whole process for 1,000 tags read");
try {
  for (const period of periods) {
    console.log(`\n${`cycle of ${period} ms`.padEnd(NAME)}${HEADS.map((head) => head.padStart(10)).join("")}`);
    const takt = { contender: "takt", period, seconds } as const;
    const loop = {
      contender: "interval",
      realTime: false,
      period,
      seconds: Math.ceil(seconds * INTERVAL_SHARE),
    } as const;
    show("setInterval, modbus-serial, mqtt.js: one slave", await contend(loop), period);
    showTakt("takt, normal priority", await contend({ ...takt, realTime: false }), period);
    if (maySchedule) showTakt("takt, real-time priority", await contend({ ...takt, realTime: true }), period);
    else console.log("no real-time priority on this machine: chrt is missing or not permitted");
  }
} finally {
  world.process.kill();
  await broker.dispose();
}
