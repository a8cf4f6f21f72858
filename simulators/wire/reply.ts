import type { Ms } from "../../src/kit/time.ts";

/** What a unit does with one request. */
export type Reply =
  | { readonly kind: "answer"; readonly pdu: Buffer; readonly after: Ms }
  | { readonly kind: "silence" }
  /** Resets the connection on which the request came; on a serial wire, silence. */
  | { readonly kind: "drop" };

export type Responder = (pdu: Buffer) => Reply;
