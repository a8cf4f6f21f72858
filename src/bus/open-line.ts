import type { LineSettings, SerialLineSettings } from "../config/plant/plant.ts";
import type { Clock } from "../kit/clock.ts";
import type { Logger } from "../kit/logger.ts";
import type { Random } from "../kit/random.ts";
import type { Line } from "./line/line.ts";
import { rtuLine } from "./rtu/rtu-line.ts";
import type { OpenRtuTransport } from "./rtu/rtu-transport.ts";
import { serialPortTransport } from "./rtu/serial-port-transport.ts";
import { tcpLine } from "./tcp/tcp-line.ts";
import { tcpRtuTransport } from "./rtu/tcp-rtu-transport.ts";
import type { TraceSink } from "./line/trace-sink.ts";
import { ttyTransport } from "./rtu/tty-transport.ts";
import { preciseWait } from "./rtu/wait-until.ts";

export interface OpenLineOptions {
  /** Requests each unit takes at once; 1 where none is given. */
  readonly unitWindows: ReadonlyMap<number, number>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly trace?: TraceSink;
}

/** The line of the kind that `settings` ask for; it connects when it is opened. */
export function openLine(settings: LineSettings, options: OpenLineOptions): Line {
  const { clock } = options;
  const wait = preciseWait(clock);
  switch (settings.kind) {
    case "tcp":
      return tcpLine({ ...options, settings });
    case "rtuOverTcp":
      return rtuLine({
        ...options,
        units: options.unitWindows.keys(),
        settings,
        wait,
        openTransport: tcpRtuTransport(settings, clock),
      });
    case "serial":
      return rtuLine({
        ...options,
        units: options.unitWindows.keys(),
        settings,
        wait,
        openTransport: serialTransport(settings, clock),
      });
  }
}

function serialTransport(settings: SerialLineSettings, clock: Clock): OpenRtuTransport {
  return settings.driver === "tty" ? ttyTransport(settings, clock) : serialPortTransport(settings, clock);
}
