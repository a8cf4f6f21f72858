import type { LineSettings, SerialAdapter } from "../../config/plant/plant.ts";
import { formatSerial } from "../../modbus/serial-format.ts";

/** What a line is, for people: `serial /dev/ttyUSB0, 19200 8E1`. */
export function lineText(line: LineSettings): string {
  if (line.kind === "serial") return `serial ${adapterText(line.adapter)}, ${formatSerial(line.format)}`;
  const endpoint = `${line.host}:${line.port}`;
  if (line.kind === "rtuOverTcp") return `RTU over TCP ${endpoint}, ${formatSerial(line.format)}`;
  return `TCP ${endpoint}, ${line.gateway ? `gateway ${formatSerial(line.gateway)}` : `window ${line.window}`}`;
}

export function adapterText(adapter: SerialAdapter): string {
  if ("path" in adapter) return adapter.path;
  const { vendor, product, serialNumber } = adapter;
  return `adapter ${vendor}:${product}${serialNumber === undefined ? "" : ` ${serialNumber}`}`;
}
