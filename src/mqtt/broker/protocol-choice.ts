import { type Instant, type Ms, ms, plus } from "../../kit/time.ts";

export type ProtocolVersion = 4 | 5;

/** How one attempt to reach the broker ended. */
export type AttemptEnd =
  /** A CONNACK of success; the connection may have lived for long. */
  | { readonly kind: "connected"; readonly version: ProtocolVersion }
  /** A CONNACK that says "not this version". */
  | { readonly kind: "versionRefused"; readonly version: ProtocolVersion }
  /** The broker took the TCP connection and hung up without a word: some 3.1.1 brokers greet version 5 like that. */
  | { readonly kind: "hungUp"; readonly version: ProtocolVersion }
  /** Anything else: nobody there, credentials refused. It says nothing about versions. */
  | { readonly kind: "failed" };

/** Which version the next attempt speaks; after `retryAt5` version 5 again. */
export interface ProtocolChoice {
  readonly version: ProtocolVersion;
  readonly retryAt5: Instant | undefined;
}

export const FIRST_CHOICE: ProtocolChoice = { version: 5, retryAt5: undefined };

/** How long it is remembered that a broker offers no more than 3.1.1. */
const REMEMBERED: Ms = ms(600_000);

/** MQTT 5 first, 3.1.1 when the broker offers no more; version 5 is tried again on a connect ten minutes later. */
export function nextProtocol(choice: ProtocolChoice, end: AttemptEnd, now: Instant): ProtocolChoice {
  if (choice.retryAt5 !== undefined && now >= choice.retryAt5) return FIRST_CHOICE;
  switch (end.kind) {
    case "connected":
    case "failed":
      return choice;
    case "versionRefused":
      return end.version === 5 ? { version: 4, retryAt5: plus(now, REMEMBERED) } : FIRST_CHOICE;
    case "hungUp":
      // Weak evidence, good for one attempt: a broker that is just dying hangs up too.
      return end.version === 5 ? { version: 4, retryAt5: now } : FIRST_CHOICE;
  }
}
