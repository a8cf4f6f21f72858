/**
 * Child of serial.ts: `serial-client.ts <client> <path> <baud> <registers>`; reads holding registers of unit 1 on a serial port
 * with 8N1, one transaction straight after the other, until it is ended.
 */
import ModbusRTU from "modbus-serial";
import type { SerialLineSettings } from "../src/config/plant/plant.ts";
import { openLine } from "../src/bus/open-line.ts";
import { silentLogger } from "../src/kit/logger.ts";
import { systemRandom } from "../src/kit/random.ts";
import { systemClock } from "../src/kit/system-clock.ts";
import { ms } from "../src/kit/time.ts";

const [, , name, path = "", baud, registers] = process.argv;
const baudRate = Number(baud);
const quantity = Number(registers);

const read = name === "library" ? await library() : await takt(name === "tty" ? "tty" : "serialport");
for (;;) {
  const values = await read();
  if (values[quantity - 1] !== quantity - 1) throw new Error("a wrong value");
}

async function takt(driver: SerialLineSettings["driver"]): Promise<() => Promise<readonly number[]>> {
  const settings: SerialLineSettings = {
    name: "bench",
    kind: "serial",
    adapter: { path },
    driver,
    lowLatency: false,
    hostLatency: ms(0),
    format: { baudRate, parity: "none", stopBits: 1 },
    delayAfterConnect: ms(0),
    broadcastTurnaround: ms(100),
    localEcho: false,
  };
  const line = openLine(settings, {
    unitWindows: new Map([[1, 1]]),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  });
  const up = new Promise((resolve) => line.changes.on(resolve));
  line.open();
  await up;
  return async () => {
    const request = { fc: 3, address: 0, quantity } as const;
    const result = await line.send({ unit: 1, request, responseTimeout: ms(1000), lane: "read" });
    if (!result.ok || result.value.answer.kind !== "registers") throw new Error(JSON.stringify(result));
    return result.value.answer.registers;
  };
}

/** modbus-serial on its own buffered port, as its README uses it. */
async function library(): Promise<() => Promise<readonly number[]>> {
  const client = new ModbusRTU.default();
  await client.connectRTUBuffered(path, { baudRate, parity: "none", dataBits: 8, stopBits: 1 });
  client.setID(1);
  client.setTimeout(1000);
  return async () => (await client.readHoldingRegisters(0, quantity)).data;
}
