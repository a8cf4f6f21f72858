import type { CommandResult, Outcome, WriteResult } from "../../command/command.ts";
import { valuePlain } from "../value-json.ts";

/** `{"id","outcome","reason"?,"results":{tag:{"outcome"?,"sent","readback","reason"?}},"ms"}` */
export function resultPayload(result: CommandResult): string {
  return JSON.stringify(resultPlain(result));
}

/** The same as plain data. */
export function resultPlain(result: CommandResult): unknown {
  const results = Object.entries(result.results).map(([tag, write]): [string, unknown] => [
    tag,
    writeJson(write, result.outcome),
  ]);
  return {
    id: result.id,
    outcome: result.outcome,
    reason: result.reason,
    results: Object.fromEntries<unknown>(results),
    ms: Math.round(result.took),
  };
}

/** Longest reason in an outcome that has to be short. */
const SHORT_REASON = 200;

/** The same without its parts, for a broker that takes no message as large as the whole; it says so. */
export function shortenedResultPayload({ id, outcome, reason, took }: CommandResult): string {
  const short = reason !== undefined && reason.length > SHORT_REASON ? `${reason.slice(0, SHORT_REASON)}…` : reason;
  const shortened = "the results are left out: with them it is larger than the broker takes";
  return JSON.stringify({ id, outcome, reason: short, shortened, results: {}, ms: Math.round(took) });
}

/** What could not be handed to the scan: `id` is null where none could be read. */
export function rejectionPayload(id: string | undefined, reason: string): string {
  return JSON.stringify({ id: id ?? null, outcome: "rejected", reason, results: {}, ms: 0 });
}

/** A part's own outcome is told where it differs from the whole's. */
function writeJson(write: WriteResult, whole: Outcome): unknown {
  return {
    outcome: write.outcome === whole ? undefined : write.outcome,
    sent: valuePlain(write.sent),
    readback: valuePlain(write.readback),
    reason: write.reason,
  };
}
