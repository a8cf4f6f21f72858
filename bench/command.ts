/**
 * How long a command takes from an MQTT client to the register of the slave, and until its answer is back, while the line is
 * read as much as its plan holds: `npm run bench:command [commands]`, by default 1,000 for each contender, about two minutes
 * in all. Needs mosquitto.
 */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { connectAsync } from "mqtt";
import { systemClock } from "../src/kit/system-clock.ts";
import { seededRandom } from "../src/kit/random.ts";
import { Mosquitto } from "../test/support/processes/mosquitto.ts";
import { finish, script, serve } from "./child.ts";
import { commandPlant } from "./command-plant.ts";
import { machine } from "./report.ts";

const [commands = 1000] = process.argv.slice(2).map(Number);
interface Answer {
  readonly outcome: string;
  readonly ms?: number;
}

/** Between an answer and the next command: no phase of the cycle is favoured. */
const PAUSE = 60;
/** What was sent before the code was compiled is left out. */
const WARMING = 100;

interface Latencies {
  /** Milliseconds until the slave had it, and until the answer was here. */
  readonly toSlave: readonly number[];
  readonly toAnswer: readonly number[];
  /** From when the master's office read it until its scan had the outcome, as the answers say. */
  readonly inMaster: readonly number[];
  readonly unverified: number;
}

const maySchedule = spawnSync("chrt", ["--fifo", "20", "true"]).status === 0;
/** As deploy/mosquitto.conf has it: without this the broker keeps a message back while an acknowledgement is under way. */
const broker = await Mosquitto.start(["set_tcp_nodelay true"]);

/** It stands for a machine of its own, and goes first where that is permitted. */
function startSlave(): ReturnType<typeof serve> {
  const [program, args] = script("command-slave.ts");
  return serve(maySchedule ? ["chrt", ["--fifo", "20", program, ...args]] : [program, args]);
}

async function contend(contender: "takt" | "loop"): Promise<Latencies> {
  const slave = await startSlave();
  const runner = await serve(script("command-runner.ts", contender, slave.ports[0] ?? 0, broker.port));
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  const answers = new Map<string, (answer: Answer) => void>();
  client.on("message", (topic, payload) => {
    answers.get(topic.split("/").at(-1) ?? "")?.(JSON.parse(payload.toString()) as Answer);
  });
  await client.subscribeAsync("takt/bench/full/res/+", { qos: 1 });
  const random = seededRandom(1);
  const sent: number[] = [];
  const toAnswer: number[] = [];
  const inMaster: number[] = [];
  let unverified = 0;
  try {
    for (let value = 1; value <= WARMING + commands; value++) {
      await pass(random() * PAUSE);
      const id = `c${value}`;
      const answered = new Promise<Answer>((resolve) => answers.set(id, resolve));
      const begun = systemClock.now();
      client.publish("takt/bench/full/cmd/set", JSON.stringify({ id, set: { out: value } }), { qos: 1 });
      const { outcome, ms } = await answered;
      if (outcome !== "verified") unverified++;
      if (ms !== undefined) inMaster.push(ms);
      sent.push(begun);
      toAnswer.push(systemClock.now() - begun);
      answers.delete(id);
    }
    await ended(runner.process);
    const toSlave = arrivals(await finish(slave.process), sent);
    return { toSlave, toAnswer: toAnswer.slice(WARMING), inMaster: inMaster.slice(WARMING), unverified };
  } finally {
    await client.endAsync();
    runner.process.kill("SIGKILL");
    slave.process.kill("SIGKILL");
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

/** From the pairs of value and time that the slave tells; each value was sent once. */
function arrivals(told: readonly number[], sent: readonly number[]): readonly number[] {
  const first = new Map<number, number>();
  for (let at = 0; at < told.length; at += 2) {
    const value = told[at] ?? 0;
    if (!first.has(value)) first.set(value, told[at + 1] ?? NaN);
  }
  return sent.map((begun, index) => (first.get(index + 1) ?? NaN) - begun).slice(WARMING);
}

function pass(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
}

const NAME = 52;

function show(name: string, { toSlave, toAnswer, inMaster, unverified }: Latencies): void {
  const cells = [toSlave, toAnswer, inMaster].flatMap((each) => [0.5, 0.99, 1].map((share) => percentile(each, share)));
  const text = cells.map((cell) => (Number.isNaN(cell) ? "–" : cell.toFixed(1)).padStart(9)).join("");
  console.log(`${name.padEnd(NAME)}${text}${unverified === 0 ? "" : `  ${unverified} not verified`}`);
}

const { proof, blocks } = commandPlant(1502);
console.log(machine());
console.log(
  `${blocks} reads of 100 registers in every cycle of 20 ms, a slave that answers after 2 ms, ${commands} commands by mosquitto at random moments`,
);
console.log(
  `${"ms".padEnd(NAME)}${"to the register".padStart(27)}${"to the answer".padStart(27)}${"within the master".padStart(27)}`,
);
console.log(
  "".padEnd(NAME) +
    ["p50", "p99", "max", "p50", "p99", "max", "p50", "p99", "max"].map((head) => head.padStart(9)).join(""),
);
try {
  show("modbus-serial behind a queue of polls, mqtt.js", await contend("loop"));
  show("takt", await contend("takt"));
  const bounds = [proof.output, proof.command].map((bound) => (bound === undefined ? "-" : bound.toFixed(1)));
  console.log(
    `takt's plan: register ${bounds[0] ?? ""} ms after the decision, outcome ${bounds[1] ?? ""} ms after the arrival`,
  );
} finally {
  await broker.dispose();
}
