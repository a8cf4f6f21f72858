import type { Outcome } from "../../device/outcome.ts";
import { unreachable } from "../../kit/invariant.ts";
import type { AccessFailure, AccessOutcome } from "../../link/messages.ts";
import { failurePolicy } from "../../modbus/failure.ts";
import type { Request } from "../../modbus/request.ts";
import { type Access, describeAccessFailure } from "../access/access.ts";
import { readRange } from "../read/read-range.ts";
import type { WriteOrder } from "./parse-write.ts";

/** What became of a write; `after` is what was read back, where that could be done. */
export interface WriteReport {
  readonly outcome: Outcome;
  /** For people; always given unless the outcome is verified. */
  readonly reason: string | undefined;
  readonly failure: AccessFailure | undefined;
  readonly after: readonly number[] | undefined;
}

/** The request that writes it all: FC 05 or 06 for one value, 15 or 16 for several or where these are wanted. */
export function writeRequest({ range, cells, multiple }: WriteOrder): Request {
  const { table, address } = range;
  const [first = 0] = cells;
  const single = cells.length === 1 && !multiple;
  if (table === "coil") {
    return single
      ? { fc: 5, address, value: first === 1 }
      : { fc: 15, address, values: cells.map((cell) => cell === 1) };
  }
  return single ? { fc: 6, address, value: first } : { fc: 16, address, values: cells };
}

/**
 * Writes once and reads back. Never writes again: where the answer was lost, reading back is what may tell.
 * `before`: what was there, if known.
 */
export async function writeRange(
  access: Access,
  order: WriteOrder,
  before: readonly number[] | undefined,
): Promise<WriteReport> {
  const answer = await access.ask(order.range.unit, writeRequest(order), order.timeout);
  const fate = fateOf(answer);
  if (fate !== "confirmed" && fate !== "unknown" && fate !== "accepted") return notDone(fate, answer);
  const back = await readRange(access, order.range, order.timeout);
  const after = back.ok ? back.value.values : undefined;
  const sentence = back.ok ? undefined : describeAccessFailure(back.failure.failure);
  return judge({ fate, answer, after, unread: sentence }, order, before);
}

/** What the answer to the write says by itself. */
type Fate = "confirmed" | "accepted" | "unknown" | "refused" | "failed" | "busy" | "rejected";

function fateOf(answer: AccessOutcome): Fate {
  if (answer.ok) return "confirmed";
  const { failure } = answer;
  switch (failure.kind) {
    case "denied":
      return "rejected";
    case "unreachable":
      return "failed";
    default:
      return failurePolicy(failure).write;
  }
}

function notDone(fate: "refused" | "failed" | "busy" | "rejected", answer: AccessOutcome): WriteReport {
  const failure = answer.ok ? undefined : answer.failure;
  return { outcome: fate === "busy" ? "failed" : fate, reason: reasonOf(answer), failure, after: undefined };
}

interface Evidence {
  readonly fate: "confirmed" | "accepted" | "unknown";
  readonly answer: AccessOutcome;
  readonly after: readonly number[] | undefined;
  /** Why it could not be read back. */
  readonly unread: string | undefined;
}

function judge(evidence: Evidence, order: WriteOrder, before: readonly number[] | undefined): WriteReport {
  const { fate, answer, after, unread } = evidence;
  const failure = answer.ok ? undefined : answer.failure;
  const report = (outcome: Outcome, reason: string | undefined): WriteReport => ({ outcome, reason, failure, after });
  const agrees = after !== undefined && sameCells(after, order.cells);
  switch (fate) {
    case "confirmed":
      if (agrees) return report("verified", undefined);
      if (after) return report("failed", "the device confirmed it, yet it reads back otherwise");
      return report("acknowledged", `the device confirmed it; it cannot be read back: ${unread ?? ""}`);
    case "accepted":
      return agrees
        ? report("verified", undefined)
        : report("acknowledged", `${reasonOf(answer)}: the device works on it`);
    case "unknown":
      // Only a change proves anything: what was there before may be there still.
      if (agrees && before && !sameCells(before, order.cells)) return report("verified", `though ${reasonOf(answer)}`);
      return report("unknown", `${reasonOf(answer)}; it may or may not have happened`);
    default:
      return unreachable(fate);
  }
}

function reasonOf(answer: AccessOutcome): string {
  return answer.ok ? "" : describeAccessFailure(answer.failure);
}

function sameCells(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((cell, index) => cell === others[index]);
}
