import type { LineSettings } from "./plant.ts";

/** Requests a line carries at once: a serial wire one, also behind a gateway. */
export function lineWindow(line: LineSettings): number {
  return line.kind === "tcp" && !line.gateway ? line.window : 1;
}
