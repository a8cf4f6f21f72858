import { type Ms, ms } from "../../kit/time.ts";

/** A timer of IEC 61131-3 (2.5.2.3.4) after a call: output and elapsed time. */
export interface Timer {
  readonly IN: boolean;
  readonly Q: boolean;
  readonly ET: Ms;
  /** When what it times began; undefined: it times nothing. */
  readonly since: Ms | undefined;
}

export interface TimerCall {
  readonly IN: boolean;
  readonly PT: Ms;
  readonly now: Ms;
}

/** TON: Q follows IN after it has been true for PT. */
export function nextOnDelay(before: Timer | undefined, { IN, PT, now }: TimerCall): Timer {
  if (!IN) return { IN, Q: false, ET: ms(0), since: undefined };
  const since = before?.since ?? now;
  return { IN, Q: now - since >= PT, ET: elapsed(since, now, PT), since };
}

/** TOF: Q follows IN at once, and falls PT after it. An input that is false at the first look has not fallen. */
export function nextOffDelay(before: Timer | undefined, { IN, PT, now }: TimerCall): Timer {
  if (IN) return { IN, Q: true, ET: ms(0), since: undefined };
  const since = before?.IN === true ? now : before?.since;
  if (since === undefined) return { IN, Q: false, ET: ms(0), since };
  return { IN, Q: now - since < PT, ET: elapsed(since, now, PT), since };
}

/**
 * TP: a rising edge sets Q for exactly PT, whatever IN does meanwhile. An input that is true at the first look has not
 * risen.
 */
export function nextPulse(before: Timer | undefined, { IN, PT, now }: TimerCall): Timer {
  const since = pulseStart(before, { IN, PT, now });
  if (since === undefined) return { IN, Q: false, ET: ms(0), since };
  return { IN, Q: now - since < PT, ET: elapsed(since, now, PT), since };
}

/** After its end a pulse is remembered until IN falls. */
function pulseStart(before: Timer | undefined, { IN, PT, now }: TimerCall): Ms | undefined {
  if (!before) return undefined;
  const { since } = before;
  if (since !== undefined && now - since < PT) return since;
  if (!IN) return undefined;
  return before.IN ? since : now;
}

function elapsed(since: Ms, now: Ms, PT: Ms): Ms {
  return ms(Math.min(now - since, PT));
}
