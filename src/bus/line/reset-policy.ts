import { instant, type Instant, ms } from "../../kit/time.ts";

/** What the answers and silences on one connection say about it. */
export interface ConnectionTrust {
  /** Timeouts of requests since whose sending no unit answered, in a row. */
  readonly silences: number;
  /** The unit of those timeouts; "several" once they are of distinct units. */
  readonly silentUnit: number | "none" | "several";
  /** The unit addressed on this connection; "several" once there are more. */
  readonly addressed: number | "none" | "several";
  /** The newest answer, and the newest of any unit other than that one. */
  readonly lastAnswer: UnitAnswer | undefined;
  readonly otherAnswer: UnitAnswer | undefined;
}

interface UnitAnswer {
  readonly unit: number;
  readonly at: Instant;
}

export type TrustEvent =
  /** Any checked frame of the unit, an exception included. */
  | { readonly kind: "answered"; readonly unit: number; readonly at: Instant }
  | { readonly kind: "timeout"; readonly unit: number; readonly write: boolean; readonly sentAt: Instant };

export const newConnection: ConnectionTrust = {
  silences: 0,
  silentUnit: "none",
  addressed: "none",
  lastAnswer: undefined,
  otherAnswer: undefined,
};

/** Timeouts in a row after which one silent unit among several is reason enough. */
const MOST_SILENCES = 4;

/** With one request in flight nobody else can answer while a write waits: an answer shortly before shows life as well. */
const LIFE_SHOWN = ms(1000);

/** What is known after `event`. */
export function nextTrust(trust: ConnectionTrust, event: TrustEvent): ConnectionTrust {
  const addressed = together(trust.addressed, event.unit);
  if (event.kind === "timeout") {
    // Its unit is silent, the connection is not.
    if (trust.lastAnswer !== undefined && trust.lastAnswer.at > event.sentAt) return { ...trust, addressed };
    return { ...trust, addressed, silences: trust.silences + 1, silentUnit: together(trust.silentUnit, event.unit) };
  }
  const sameUnit = trust.lastAnswer === undefined || trust.lastAnswer.unit === event.unit;
  const otherAnswer = sameUnit ? trust.otherAnswer : trust.lastAnswer;
  const lastAnswer = { unit: event.unit, at: event.at };
  return { silences: 0, silentUnit: "none", addressed, lastAnswer, otherAnswer };
}

/**
 * Whether the connection has to be reset after the timeout that led to `trust`: it seems dead, or a write sent on it may
 * still lie in a buffer on the way, to be delivered when the link returns, and nothing shows that the link is alive.
 */
export function mustReset(trust: ConnectionTrust, timeout: TrustEvent & { readonly kind: "timeout" }): boolean {
  if (timeout.write && !answeredByOther(trust, timeout.unit, instant(timeout.sentAt - LIFE_SHOWN))) return true;
  const fewSuffice = trust.silentUnit === "several" || trust.addressed !== "several";
  return trust.silences >= (fewSuffice ? 2 : MOST_SILENCES);
}

function answeredByOther(trust: ConnectionTrust, unit: number, since: Instant): boolean {
  const other = trust.lastAnswer?.unit === unit ? trust.otherAnswer : trust.lastAnswer;
  return other !== undefined && other.at >= since;
}

function together(known: number | "none" | "several", unit: number): number | "several" {
  return known === "none" || known === unit ? unit : "several";
}
