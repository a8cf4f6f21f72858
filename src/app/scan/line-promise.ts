import type { LineSettings, Plant } from "../../config/plant/plant.ts";
import type { LinePromise } from "../../link/line-figures.ts";
import type { LinePlan } from "../../plan/line-plan.ts";
import { proveLine } from "../../plan/line-proof.ts";

/** What a line's plan promises, with what it takes for granted of the line and its devices. */
export function linePromise(plan: LinePlan, line: LineSettings, { scan, devices }: Plant): LinePromise {
  const { basis, frame, load, headRoom } = proveLine(plan, line, scan);
  const roundTrip = line.kind === "serial" ? undefined : line.roundTrip;
  const behind = [...devices.values()].filter((device) => device.line === line.name);
  const turnaround = new Map(behind.map(({ unit, timing }) => [unit, timing.turnaround]));
  return { basis, frame, load, headRoom, roundTrip, turnaround: basis === "proved" ? turnaround : undefined };
}
