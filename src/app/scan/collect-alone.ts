import { setFlagsFromString } from "node:v8";

/**
 * Lets each thread collect its young garbage by itself. V8 would share that work with helper threads, and wait for them: on a
 * loaded machine, where these have no real-time priority, that stopped the scan for up to 67 ms, and by itself for 4.
 */
export function collectAlone(): void {
  setFlagsFromString("--no-parallel-scavenge");
}
