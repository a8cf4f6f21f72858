import type { Ms } from "../../kit/time.ts";
import type { AccessFailure, AccessOutcome } from "../../link/messages.ts";
import { describeFailure } from "../../modbus/failure.ts";
import type { Request } from "../../modbus/request.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";

/** A way to the units of one endpoint: a connection of our own, or the master that owns it. */
export interface Access {
  /** For people: `through the running master (pid 1234, …)`; undefined for a connection of our own. */
  readonly through: string | undefined;
  /** Always settles; one request at a time. */
  ask(unit: number, request: Request, timeout: Ms): Promise<AccessOutcome>;
  close(): Promise<void>;
}

export function describeAccessFailure(failure: AccessFailure): string {
  if (failure.kind === "denied") return failure.reason;
  return failure.kind === "unreachable" ? `cannot be reached: ${failure.reason}` : describeFailure(failure);
}

/** A gateway that says its unit is silent (0A, 0B) refuses nothing. */
export function isSilence(failure: AccessFailure): boolean {
  return failure.kind === "timeout" || (failure.kind === "exception" && (failure.code === 10 || failure.code === 11));
}

export function exitCodeOf(failure: AccessFailure): ExitCode {
  const refused = failure.kind === "denied" || (failure.kind === "exception" && !isSilence(failure));
  return refused ? EXIT.refused : EXIT.noAnswer;
}
