import type { LineSettings } from "../config/plant.ts";
import type { Clock } from "../kit/clock.ts";
import type { Logger } from "../kit/logger.ts";
import type { Random } from "../kit/random.ts";
import type { Line } from "./line.ts";
import { tcpLine } from "./tcp-line.ts";
import type { TraceSink } from "./trace-sink.ts";

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
  switch (settings.kind) {
    case "tcp":
      return tcpLine({ ...options, settings });
    case "rtuOverTcp":
    case "serial":
      throw new Error(`line ${settings.name}: RTU is not there yet`);
  }
}
