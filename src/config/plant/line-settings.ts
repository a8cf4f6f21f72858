import { ms } from "../../kit/time.ts";
import { DEFAULT_FORMAT, type SerialFormat } from "../../modbus/serial-format.ts";
import type { LineSettings, SerialAdapter } from "./plant.ts";
import type { FormatFile, LineFile, SerialFile } from "./plant-schema.ts";

const DEFAULT_PORT = 502;
const CONNECT_TIME = ms(3000);
const ROUND_TRIP = ms(4);

/** An adapter that is not told otherwise keeps what it received for up to 16 ms (FTDI's latency timer). */
const HOST_LATENCY = { low: ms(2), usual: ms(18) };

/** The settings that a line of a plant file means, defaults put in; undefined where it leads nowhere. */
export function lineSettings(name: string, file: Partial<LineFile>): LineSettings | undefined {
  const times = { name, delayAfterConnect: file.delayAfterConnect ?? ms(0) };
  const network = { connectTimeout: file.connectTimeout ?? CONNECT_TIME, roundTrip: file.roundTrip ?? ROUND_TRIP };
  if (file.tcp) {
    const { host, port = DEFAULT_PORT } = file.tcp;
    const gateway = file.gateway && { ...formatOf(file.gateway), timeout: file.gateway.timeout ?? ms(1000) };
    return { ...times, kind: "tcp", ...network, host, port, window: file.window ?? 1, gateway };
  }
  const wire = { localEcho: file.localEcho ?? false, broadcastTurnaround: file.broadcastTurnaround ?? ms(100) };
  if (file.rtuOverTcp) {
    const { host, port, packetTime = ms(10) } = file.rtuOverTcp;
    const format = formatOf(file.rtuOverTcp);
    return { ...times, ...wire, kind: "rtuOverTcp", ...network, host, port, format, packetTime };
  }
  const adapter = file.serial && adapterOf(file.serial);
  if (!file.serial || !adapter) return undefined;
  const { driver = "serialport", lowLatency = true } = file.serial;
  const hostLatency = file.serial.hostLatency ?? (lowLatency ? HOST_LATENCY.low : HOST_LATENCY.usual);
  const port = { adapter, format: formatOf(file.serial), driver, lowLatency, hostLatency };
  return { ...times, ...wire, ...port, kind: "serial" };
}

function formatOf({ baudRate, parity, stopBits }: FormatFile): SerialFormat {
  return {
    baudRate: baudRate ?? DEFAULT_FORMAT.baudRate,
    parity: parity ?? DEFAULT_FORMAT.parity,
    stopBits: stopBits ?? DEFAULT_FORMAT.stopBits,
  };
}

function adapterOf({ path, vendor, product, serialNumber }: SerialFile): SerialAdapter | undefined {
  if (path !== undefined) return { path };
  return vendor === undefined || product === undefined ? undefined : { vendor, product, serialNumber };
}
