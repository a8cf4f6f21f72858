import { stat } from "node:fs/promises";
import type { Clock } from "../../kit/clock.ts";
import { ms } from "../../kit/time.ts";

/** How often a port is looked for. */
const LOOK_EVERY = ms(1000);

export type DeviceIdentity = (path: string) => Promise<string | undefined>;

/** What tells the device node at `path` from one that took its place; undefined when there is none. */
export const deviceIdentity: DeviceIdentity = (path) =>
  stat(path).then(
    (found) => `${found.dev}:${found.ino}:${found.rdev}:${found.birthtimeMs}`,
    () => undefined,
  );

/**
 * Calls `gone` once when the port at `path` is gone or is another one: an adapter pulled out while nothing is read or
 * written may say nothing of it. Returns what ends the watch.
 */
export function watchDevice(path: string, clock: Clock, identity: DeviceIdentity, gone: () => void): () => void {
  let first: string | undefined;
  let over = false;
  const look = (): void => {
    identity(path).then(
      (found) => {
        if (over) return;
        first ??= found;
        if (found !== undefined && found === first) return;
        end();
        gone();
      },
      () => undefined,
    );
  };
  const timer = clock.every("device watch", LOOK_EVERY, look);
  const end = (): void => {
    over = true;
    timer.cancel();
  };
  look();
  return end;
}
