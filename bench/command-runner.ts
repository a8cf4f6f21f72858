/**
 * Child of command.ts: `command-runner.ts takt|loop <slave's port> <broker's port>`; takes commands over MQTT until SIGTERM. Prints
 * a line with the priority of its scan when it is ready.
 */
import { Socket } from "node:net";
import { connect } from "mqtt";
import ModbusRTU from "modbus-serial";
import { startOffice } from "../src/app/office/start-office.ts";
import { collectAlone } from "../src/app/scan/collect-alone.ts";
import { scheduleScanThread } from "../src/app/scan/schedule-scan-thread.ts";
import { ScanSide } from "../src/app/scan/scan-side.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { seededRandom } from "../src/kit/random.ts";
import { blockUntil, systemClock } from "../src/kit/system-clock.ts";
import { ms, plus } from "../src/kit/time.ts";
import { lastStretch } from "../src/scan/cycle/pacemaker.ts";
import { benchSettings } from "./bench-settings.ts";
import { BLOCK, BLOCK_STEP, commandPlant, OUTPUT, PERIOD } from "./command-plant.ts";

const [, , contender, slavePort, brokerPort] = process.argv;
const { plant, blocks } = commandPlant(Number(slavePort));
await (contender === "takt" ? takt() : loop());

async function takt(): Promise<void> {
  const cycles = new Int32Array(new SharedArrayBuffer(4));
  collectAlone();
  const scheduling = await scheduleScanThread("auto", { clock: systemClock });
  const office = await startOffice({ plant, settings: benchSettings(Number(brokerPort)), cycles });
  const scan = new ScanSide({
    plant,
    link: office.link,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    lastStretch: lastStretch(ms(PERIOD), blockUntil),
    readOnly: false,
    statsInterval: ms(10_000),
    onCycle: () => Atomics.add(cycles, 0, 1),
    onBroken: (error) => {
      throw error;
    },
  });
  scan.start();
  setTimeout(() => console.log(scheduling.mode), 3000);
  process.once("SIGTERM", () => {
    Atomics.store(cycles, 0, 0);
    scan
      .stop({ holdOutputs: true, by: plus(systemClock.now(), ms(500)) })
      .then(() => office.link.stopped())
      .then(() => process.exit(0), console.error);
  });
}

/** As it is often written: polls and commands go through one queue, one request at a time; a command is written and read back. */
async function loop(): Promise<void> {
  const broker = connect(`mqtt://127.0.0.1:${brokerPort ?? ""}`);
  // mqtt.js leaves it on: 40 ms more for every answer
  if (broker.stream instanceof Socket) broker.stream.setNoDelay(true);
  const modbus = new ModbusRTU.default();
  await modbus.connectTCP("127.0.0.1", { port: Number(slavePort) });
  modbus.setID(1);
  let last: Promise<unknown> = Promise.resolve();
  const queued = <T>(ask: () => Promise<T>): Promise<T> => {
    const done = last.then(ask);
    last = done.catch(console.error);
    return done;
  };
  setInterval(() => {
    for (let at = 0; at < blocks; at++) {
      queued(() => modbus.readHoldingRegisters(at * BLOCK_STEP, BLOCK)).then(({ data }) => {
        broker.publish("takt/bench/full/data", JSON.stringify({ ts: Date.now(), values: data }), { qos: 1 });
      }, console.error);
    }
  }, PERIOD);
  broker.on("message", (_, payload) => {
    const { id, set } = JSON.parse(payload.toString()) as { id: string; set: { out: number } };
    queued(() => modbus.writeRegister(OUTPUT, set.out))
      .then(() => queued(() => modbus.readHoldingRegisters(OUTPUT, 1)))
      .then(({ data: [value] }) => {
        const outcome = value === set.out ? "verified" : "failed";
        broker.publish(`takt/bench/full/res/${id}`, JSON.stringify({ id, outcome }), { qos: 1 });
      }, console.error);
  });
  await broker.subscribeAsync("takt/bench/full/cmd/set", { qos: 1 });
  setTimeout(() => console.log("ready"), 3000);
  process.once("SIGTERM", () => process.exit(0));
}
