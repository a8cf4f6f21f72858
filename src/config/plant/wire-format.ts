import type { SerialFormat } from "../../modbus/serial-format.ts";
import type { LineSettings } from "./plant.ts";

/** How characters travel on the serial wire of a line, be it behind a gateway; undefined where there is none. */
export function wireFormat(line: LineSettings): SerialFormat | undefined {
  return line.kind === "tcp" ? line.gateway : line.format;
}
