import { between, type Instant } from "../../src/kit/time.ts";
import { isWholeFrame, MOST_FRAME_BYTES } from "./check-sum.ts";
import type { Heard, Talker } from "./heard.ts";
import type { WireTimes } from "./wire-format.ts";

/** Characters between two silences, as a slave takes them for a frame. */
export interface Frame {
  /** Who sent the first of them. */
  readonly from: Talker;
  readonly bytes: Buffer;
  /** When the last of them ended. */
  readonly end: Instant;
}

/** What a receiver that frames by silence has so far. */
export type Framing =
  | { readonly state: "silent" }
  | { readonly state: "hearing"; readonly frame: Frame }
  /** A pause of more than t1.5, or too many characters: what goes on until the next silence is no frame. */
  | { readonly state: "spoilt"; readonly end: Instant };

export const silent: Framing = { state: "silent" };

/** Silences are compared with this much patience: they are sums of rounded numbers. */
const ROUNDING = 1e-6;

/** Takes what was heard. What was heard before is a frame of its own where t3.5 of silence lies between. */
export function heard(
  framing: Framing,
  next: Heard,
  times: WireTimes,
): { readonly framing: Framing; readonly ended?: Framing } {
  if (framing.state === "silent") return { framing: begun(next) };
  const silence = between(framing.state === "hearing" ? framing.frame.end : framing.end, next.start);
  if (silence >= times.t35 - ROUNDING) return { framing: begun(next), ended: framing };
  const bytes = framing.state === "hearing" ? Buffer.concat([framing.frame.bytes, next.bytes]) : next.bytes;
  if (framing.state === "spoilt" || silence > times.t15 + ROUNDING || bytes.length > MOST_FRAME_BYTES)
    return { framing: { state: "spoilt", end: next.end } };
  return { framing: { state: "hearing", frame: { from: framing.frame.from, bytes, end: next.end } } };
}

function begun({ from, bytes, end }: Heard): Framing {
  return bytes.length > MOST_FRAME_BYTES ? { state: "spoilt", end } : { state: "hearing", frame: { from, bytes, end } };
}

/** When the last character ended; undefined: there was none. */
export function endOf(framing: Framing): Instant | undefined {
  switch (framing.state) {
    case "silent":
      return undefined;
    case "hearing":
      return framing.frame.end;
    case "spoilt":
      return framing.end;
  }
}

/** The frame that the silence has ended, if it is one. */
export function wholeFrame(framing: Framing): Frame | undefined {
  return framing.state === "hearing" && isWholeFrame(framing.frame.bytes) ? framing.frame : undefined;
}
