import type { LineSettings } from "../config/plant/plant.ts";
import { wireFormat } from "../config/plant/wire-format.ts";
import { type Ms, ms } from "../kit/time.ts";
import type { Request } from "../modbus/request.ts";
import type { SerialFormat } from "../modbus/serial-format.ts";
import { t35, wireTime } from "../modbus/wire-time.ts";
import { type ReadBlock, readRequest } from "./read-block.ts";

/** A serial wire, which carries one transaction at a time; how long each takes can be computed. */
export interface Wire {
  readonly format: SerialFormat;
  /** What the way to the wire adds to every transaction at worst. */
  readonly delay: Ms;
}

/** The serial wire of a line, be it behind a device server or a gateway; undefined where there is none. */
export function wireOf(line: LineSettings): Wire | undefined {
  const format = wireFormat(line);
  return format && { format, delay: delayOf(line) };
}

function delayOf(line: LineSettings): Ms {
  switch (line.kind) {
    case "serial":
      return line.hostLatency;
    case "rtuOverTcp":
      return ms(line.roundTrip + line.packetTime);
    case "tcp":
      return line.roundTrip;
  }
}

/** How long a transaction keeps the wire from the next one; the turnaround begins with the silence after the request. */
export function transactionTime(request: Request, turnaround: Ms, { format, delay }: Wire): Ms {
  return ms(wireTime(request, format) + Math.max(0, turnaround - t35(format)) + delay);
}

/** The same for the read of a block. */
export function blockTime(block: ReadBlock, wire: Wire): Ms {
  return transactionTime(readRequest(block), block.device.timing.turnaround, wire);
}
