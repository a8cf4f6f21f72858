import type { LineSettings } from "./plant.ts";

/** Requests a line carries at once. */
export function lineWindow({ window }: LineSettings): number {
  return window;
}
