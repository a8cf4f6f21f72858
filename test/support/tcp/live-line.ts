import type { Line, LineState } from "../../../src/bus/line/line.ts";
import { openLine } from "../../../src/bus/open-line.ts";
import type { LineSettings } from "../../../src/config/plant/plant.ts";
import { silentLogger } from "../../../src/kit/logger.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { describeOutcome } from "../serial/rtu-script.ts";
import { eventually } from "./tcp-line-rig.ts";

/** A line of takt's own in real time, up while `body` uses it. */
export async function withLine(settings: LineSettings, body: (line: Line) => Promise<void>): Promise<void> {
  const line = openLine(settings, {
    unitWindows: new Map(),
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
  });
  try {
    line.open();
    await becomes(line, "up");
    await body(line);
  } finally {
    await line.close();
  }
}

export async function becomes(line: Line, state: LineState["state"]): Promise<void> {
  if (line.state.state !== state) await eventually(line.changes, (change) => change.state === state, `line ${state}`);
}

/** Asks and says in words what came of it: `registers 1 2`, `timeout`. */
export async function ask(line: Line, request: Request, unit = 1, responseTimeout = 1000): Promise<string> {
  const result = await line.send({ unit, request, responseTimeout: ms(responseTimeout), lane: "read" });
  return describeOutcome(result.ok ? result.value.answer : result.failure.failure);
}
