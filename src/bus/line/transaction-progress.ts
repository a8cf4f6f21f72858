import { err, ok, type Result } from "../../kit/result.ts";
import type { Failure } from "../../modbus/failure.ts";
import type { Answer, Request } from "../../modbus/request.ts";
import type { Transaction } from "./line.ts";

/** How far a transaction has come. */
export interface TransactionProgress {
  /** The request under way. */
  readonly request: Request;
  /** Its number among the transaction's requests, from 0; the parts of an identification are one. */
  readonly step: number;
  /** Identification objects of the parts that came before. */
  readonly objects: ReadonlyMap<number, string> | undefined;
}

export interface Advance {
  /** What was asked for, with all its parts so far. */
  readonly answer: Answer;
  /** Where the transaction goes on; undefined when it is complete; or its next step must not be sent any more. */
  readonly next: TransactionProgress | "too late" | undefined;
}

export function firstStep(transaction: Transaction): TransactionProgress {
  return { request: transaction.request, step: 0, objects: undefined };
}

/**
 * What `part`, the checked answer to the request under way, makes of the transaction. `continuesAt` is the object with
 * which the rest of an identification begins. Throws what `follow` throws.
 */
export function advance(
  progress: TransactionProgress,
  part: Answer,
  continuesAt: number | undefined,
  follow: Transaction["follow"],
): Result<Advance, Failure> {
  const answer = joinParts(progress.objects, part);
  const { request, step } = progress;
  if (request.fc === 43 && answer.kind === "identification" && continuesAt !== undefined) {
    if (continuesAt <= request.objectId)
      return err({ kind: "mismatch", reason: `identification goes back to object ${continuesAt}` });
    return ok({
      answer,
      next: { request: { ...request, objectId: continuesAt }, step, objects: answer.objects },
    });
  }
  const next = follow?.(answer, step);
  if (next === undefined || next === "too late") return ok({ answer, next });
  return ok({ answer, next: { request: next, step: step + 1, objects: undefined } });
}

function joinParts(before: ReadonlyMap<number, string> | undefined, answer: Answer): Answer {
  if (before === undefined || answer.kind !== "identification") return answer;
  return { kind: "identification", objects: new Map([...before, ...answer.objects]) };
}
