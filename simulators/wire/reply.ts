import { type Ms, ms } from "../../src/kit/time.ts";
import { exceptionAnswer, GATEWAY_TARGET_SILENT } from "./exception-code.ts";

/** What a unit does with one request. */
export type Reply =
  | { readonly kind: "answer"; readonly pdu: Buffer; readonly after: Ms }
  | { readonly kind: "silence" }
  /** Resets the connection on which the request came; on a serial wire, silence. */
  | { readonly kind: "drop" };

export type Responder = (pdu: Buffer) => Reply;

/** Asks whatever stands behind an endpoint; `answer` is called once, now or later. */
export type Ask = (unit: number, pdu: Buffer, answer: (reply: Reply) => void) => void;

/** An answer without delay. */
export function answerNow(pdu: Buffer): Reply {
  return { kind: "answer", pdu, after: ms(0) };
}

export function refusal(request: Buffer, code: number): Reply {
  return answerNow(exceptionAnswer(request[0] ?? 0, code));
}

/** Asks units that answer at once. What is not there keeps silent, or a gateway says so for it (exception 0B). */
export function askUnits(units: ReadonlyMap<number, Responder>, unknownUnit: "silent" | "gateway"): Ask {
  const absent: Responder =
    unknownUnit === "silent" ? () => ({ kind: "silence" }) : (pdu) => refusal(pdu, GATEWAY_TARGET_SILENT);
  return (unit, pdu, answer) => answer((units.get(unit) ?? absent)(pdu));
}
