import type { LineSettings } from "./plant.ts";

/** Requests a line carries at once: a serial wire one, also behind a gateway. */
export function lineWindow(line: LineSettings): number {
  return line.kind === "tcp" && !line.gateway ? line.window : 1;
}

/**
 * Requests a unit is asked at once. Where others share its line it gets half of what the line carries at most: when it dies,
 * what it leaves unanswered must not take the whole line.
 */
export function unitWindow(wanted: number, ofLine: number, alone: boolean): number {
  return Math.min(wanted, alone ? ofLine : Math.max(1, Math.floor(ofLine / 2)));
}
