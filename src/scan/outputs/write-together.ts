import type { Exchange, Line, LineFailure } from "../../bus/line/line.ts";
import { mergedSteps } from "../../device/write-steps.ts";
import { invariant } from "../../kit/invariant.ts";
import type { Result } from "../../kit/result.ts";
import { instant } from "../../kit/time.ts";
import { type Failure, failurePolicy } from "../../modbus/failure.ts";
import type { OutputWrite } from "./output-write.ts";

/**
 * Writes several outputs of one device in one request; each keeps its own outcome. What the device answers holds for all of
 * them, save that a refusal may be meant for a neighbour: it is handed to `refused`, and each goes on by itself.
 */
export async function writeTogether(
  writes: readonly OutputWrite[],
  line: Line,
  refused: (failure: Failure) => void,
): Promise<void> {
  const parts = writes.map((write) => write.begin());
  const [first] = parts;
  invariant(first !== undefined, "nothing is written together");
  const steps = mergedSteps(parts, first.readback);
  const [write, readback] = steps;
  invariant(write !== undefined, "a write has at least one step");
  const { unit, timing } = first.entry.device;
  const settled = await line.send({
    unit,
    request: write.request(undefined),
    responseTimeout: timing.responseTimeout,
    lane: "write",
    sendBy: instant(Math.min(...parts.map(({ sendBy }) => sendBy))),
    follow: (answer, step) => (step === 0 ? readback?.request(answer) : undefined),
  });
  const refusal = refusalOf(settled);
  if (refusal) refused(refusal);
  let offset = 0;
  for (const each of writes) {
    if (refusal) each.turnedAway(refusal);
    else each.settle(settled, steps, offset);
    offset += each.size;
  }
}

/** What the device refused the write for, and not its readback. */
function refusalOf(settled: Result<Exchange, LineFailure>): Failure | undefined {
  if (settled.ok || settled.failure.step > 0) return undefined;
  const { failure } = settled.failure;
  return failurePolicy(failure).write === "refused" ? failure : undefined;
}
