import { setTimeout as pause } from "node:timers/promises";

/** What `look` gives once it gives something, looking every 10 ms; rejects after `deadline` milliseconds. */
export async function eventually<T>(look: () => T | undefined | false, deadline = 15_000): Promise<T> {
  for (const end = performance.now() + deadline; performance.now() < end;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await pause(10);
  }
  throw new Error(`not within ${deadline} ms: ${look.toString()}`);
}
