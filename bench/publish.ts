/**
 * What publishing costs, and whether the scan feels it: the demo plant ten times over and 5,000 values a second more, told
 * to mosquitto, beside the same scan with a broker that is told nothing: `npm run bench:publish [seconds] [rounds] [period]`,
 * by default four rounds of 30 s each at 20 ms, eight minutes in all. Needs mosquitto.
 */
import { connect } from "mqtt";
import { Mosquitto } from "../test/support/processes/mosquitto.ts";
import { tahuDecode } from "../test/support/mqtt/tahu-payload.ts";
import { measuring, script, serve } from "./child.ts";
import type { PublishResult, PublishTask } from "./publish-runner.ts";
import { machine, median, ratio } from "./report.ts";

const [seconds = 30, rounds = 4, period = 20] = process.argv.slice(2).map(Number);
const VALUES_PER_SECOND = 5000;
const UNITS = 10;
const MOST_CORES = 0.5;
const MOST_RATIO = 1.2;
/** What is published is counted for so long before it is measured, in milliseconds. */
const COUNTED = 3000;

const CONTENDERS = [
  { told: "nothing", name: "a broker that is told nothing" },
  { told: "json", name: "JSON" },
  { told: "sparkplug", name: "Sparkplug" },
] as const;
type Told = (typeof CONTENDERS)[number]["told"];

interface Measured extends PublishResult {
  /** A second. */
  readonly values: number;
  readonly messages: number;
}

/** Counts what is published, until it is asked how much that was. */
async function countPublished(url: string): Promise<() => { readonly values: number; readonly messages: number }> {
  const heard: { readonly at: number; readonly values: number }[] = [];
  const client = connect(url);
  client.on("message", (topic, payload) => {
    const isJson = topic.startsWith("takt/");
    const values = isJson ? valuesOf(payload) : tahuDecode(payload).metrics.length;
    heard.push({ at: performance.now(), values });
  });
  await client.subscribeAsync(["takt/bench/+/data", "spBv1.0/bench/DDATA/#"]);
  return () => {
    const since = performance.now() - COUNTED;
    client.end(true);
    const counted = heard.filter(({ at }) => at >= since);
    const values = counted.reduce((sum, each) => sum + each.values, 0);
    return { values: (values / COUNTED) * 1000, messages: (counted.length / COUNTED) * 1000 };
  };
}

function valuesOf(payload: Buffer): number {
  const { values } = JSON.parse(payload.toString()) as { readonly values: Readonly<Record<string, unknown>> };
  return Object.keys(values).length;
}

async function round(told: Told, given: Pick<PublishTask, "ports" | "brokerPort">): Promise<Measured> {
  const slave = await serve(script("counting-slave.ts"));
  const [slavePort = 0] = slave.ports;
  const values = Math.round((VALUES_PER_SECOND * period) / 1000 / UNITS);
  const task: PublishTask = { ...given, told, slavePort, period, seconds, units: UNITS, values };
  try {
    const counted = await countPublished(broker.url);
    let published = { values: NaN, messages: NaN };
    const runner = script("publish-runner.ts", JSON.stringify(task));
    const result = await measuring<PublishResult>(runner, () => (published = counted()));
    return { ...result, ...published };
  } finally {
    slave.process.kill("SIGKILL");
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
}

const NAME = 32;

function line(name: string, cells: readonly string[]): void {
  console.log(name.padEnd(NAME) + cells.map((cell) => cell.padStart(11)).join(""));
}

function show(name: string, measured: readonly Measured[]): void {
  const typical = (of: (each: Measured) => number): number => median(measured.map(of));
  const starts = measured.flatMap((each) => each.starts);
  line(name, [
    typical(({ values }) => values).toFixed(0),
    typical(({ messages }) => messages).toFixed(0),
    ...[(each: Measured) => each.office, (each: Measured) => each.scan, (each: Measured) => each.whole].map((of) =>
      typical(of).toFixed(3),
    ),
    ...[0.5, 0.99, 0.999].map((share) => percentile(starts, share).toFixed(3)),
    String(measured.reduce((sum, { missed }) => sum + missed, 0)),
  ]);
}

function judge(name: string, measured: readonly Measured[], idle: readonly Measured[]): void {
  const late = (all: readonly Measured[]): number =>
    percentile(
      all.flatMap((each) => each.starts),
      0.999,
    );
  const byRound = (all: readonly Measured[]): number[] => all.map(({ starts }) => percentile(starts, 0.999));
  const office = median(measured.map((each) => each.office));
  const moved = late(measured) / late(idle);
  const is = (met: boolean): string => (met ? "is" : "is NOT");
  console.log(
    `${name}: the office's thread ${is(office < MOST_CORES)} below ${MOST_CORES} cores; the scan's p99.9 ${is(moved <= MOST_RATIO)} within ` +
      `${MOST_RATIO} times the idle one: ${moved.toFixed(2)}; by round ${ratio(byRound(measured), byRound(idle))}`,
  );
}

console.log(machine());
const broker = await Mosquitto.start();
const world = await serve(script("tenfold-world.ts"));
const measured = new Map<Told, Measured[]>(CONTENDERS.map(({ told }) => [told, []]));
try {
  for (let at = 0; at < rounds; at++) {
    for (const { told } of CONTENDERS)
      measured.get(told)?.push(await round(told, { ports: world.ports, brokerPort: broker.port }));
  }
} finally {
  world.process.kill();
  await broker.dispose();
}
const idle = measured.get("nothing") ?? [];
const scheduling = new Set([...measured.values()].flat().map((each) => each.scheduling));
console.log(
  `cycle of ${period} ms, scan scheduled: ${[...scheduling].join(", ")}; ${rounds} rounds of ${seconds} s each, in turns`,
);
console.log("office, scan, process: processor time in cores; lateness of the cycles' starts in ms");
line("", ["values/s", "messages/s", "office", "scan", "process", "p50", "p99", "p99.9", "missed"]);
for (const { told, name } of CONTENDERS) show(name, measured.get(told) ?? []);
for (const { told, name } of CONTENDERS.slice(1)) judge(name, measured.get(told) ?? [], idle);
