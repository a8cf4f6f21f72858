import type { Clock } from "../../kit/clock.ts";
import { type Instant, ms } from "../../kit/time.ts";
import type { Outputs } from "../../scan/outputs/outputs.ts";

/** An output that is not known to be in its safe state. */
export interface Unconfirmed {
  readonly device: string;
  readonly tag: string;
  readonly reason: string;
}

const LOOK_EVERY = ms(10);

/** Lets the running cycles write the safe values; settles when all are confirmed, at the latest at `by`. */
export async function safeStop(
  outputs: Outputs,
  how: { readonly holdOutputs: boolean; readonly by: Instant; readonly clock: Clock },
): Promise<readonly Unconfirmed[]> {
  const { clock, by } = how;
  if (how.holdOutputs) outputs.hold();
  const remaining = how.holdOutputs ? () => [] : outputs.enterSafeState(by);
  while (outputs.pending > 0 && clock.now() < by) await pause(clock);
  return remaining().map(({ entry, reason }) => ({ device: entry.device.name, tag: entry.tag.name, reason }));
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after("safe stop", LOOK_EVERY, resolve));
}
