/**
 * One contender of bench/cycle.ts: keeps a cycle for some seconds and prints the lateness of every start, in
 * milliseconds, after the number of missed cycles.
 */
import { connect } from "mqtt";
import ModbusRTU from "modbus-serial";
import { startOffice } from "../src/app/office/start-office.ts";
import { ScanSide } from "../src/app/scan/scan-side.ts";
import { seededRandom } from "../src/kit/random.ts";
import { blockUntil, systemClock } from "../src/kit/system-clock.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { ms, plus } from "../src/kit/time.ts";
import { benchPlant } from "./bench-plant.ts";
import { benchSettings } from "./bench-settings.ts";

const [contender, ...numbers] = process.argv.slice(2);
const [slavePort = 0, brokerPort = 0, period = 10, seconds = 60, values = 0] = numbers.map(Number);
const WARM_UP = 3000;

const starts: number[] = [];
let missed = 0;
const warmAt = systemClock.now() + WARM_UP;
const warm = (): boolean => systemClock.now() >= warmAt;

if (contender === "takt") await taktCycle();
else await intervalCycle();
console.log([missed, ...starts.map((late) => late.toFixed(4))].join(" "));
process.exit(0);

async function taktCycle(): Promise<void> {
  const plant = benchPlant({ port: slavePort, period: ms(period), changing: values });
  const cycles = new Int32Array(new SharedArrayBuffer(4));
  const office = await startOffice({ plant, settings: benchSettings(brokerPort), cycles });
  const scan = new ScanSide({
    plant,
    link: office.link,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    lastStretch: { length: ms(1.5), wait: blockUntil },
    readOnly: true,
    statsInterval: ms(10_000),
    onCycle: ({ lateness, skipped }) => {
      Atomics.add(cycles, 0, 1);
      if (!warm()) return;
      starts.push(lateness);
      missed += skipped;
    },
    onBroken: (error) => {
      throw error;
    },
  });
  scan.start();
  await ended();
  Atomics.store(cycles, 0, 0);
  await scan.stop({ holdOutputs: true, by: plus(systemClock.now(), ms(500)) });
  await office.link.stopped();
}

/** The loop as it is often written: setInterval, modbus-serial and mqtt.js on one thread. Start k is due k periods after the first. */
async function intervalCycle(): Promise<void> {
  const broker = connect(`mqtt://127.0.0.1:${brokerPort}`);
  const modbus = new ModbusRTU.default();
  await modbus.connectTCP("127.0.0.1", { port: slavePort });
  modbus.setID(1);
  let start: number | undefined;
  let calls = 0;
  const timer = setInterval(() => {
    if (warm()) {
      const now = systemClock.now();
      start ??= now;
      starts.push(now - start - period * calls++);
    }
    modbus.readHoldingRegisters(0, Math.max(1, values)).then(({ data }) => {
      if (values > 0) broker.publish("bench/data", JSON.stringify({ ts: Date.now(), values: data }), { qos: 1 });
    }, console.error);
  }, period);
  await ended();
  clearInterval(timer);
}

function ended(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, WARM_UP + seconds * 1000));
}
