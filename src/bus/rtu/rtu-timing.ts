import type { RtuOverTcpLineSettings, SerialLineSettings } from "../../config/plant/plant.ts";
import { type Ms, ms } from "../../kit/time.ts";
import { characterTime, settledAfter, t35 } from "../../modbus/wire-time.ts";
import { LONGEST_RTU_FRAME } from "../line/strict-port.ts";

/** The times of one RTU line. */
export interface RtuTiming {
  readonly character: Ms;
  /** Silence before every frame (Modbus over Serial Line V1.02, 2.5.1.1). */
  readonly frameGap: Ms;
  /** Silence after which nothing more is to be expected of what was being sent to us. */
  readonly settled: Ms;
  /** What the way of an answer adds to its time on the wire: a device server's packet time. */
  readonly forwarding: Ms;
  /** Longest that the line may be without that silence while nobody was asked. */
  readonly mostTalk: Ms;
  /** Longest that a frame may take to leave, beyond its time on the wire. */
  readonly mostBlocked: Ms;
  readonly broadcastTurnaround: Ms;
}

/** A babbler is given the time of two of the longest frames, and this. */
const TALK_ALLOWANCE = ms(1000);
const MOST_BLOCKED = ms(1000);

export function rtuTiming(settings: RtuOverTcpLineSettings | SerialLineSettings): RtuTiming {
  const character = characterTime(settings.format);
  const frameGap = t35(settings.format);
  const forwarding = settings.kind === "rtuOverTcp" ? settings.packetTime : ms(0);
  return {
    character,
    frameGap,
    settled: ms(settledAfter(settings.format) + forwarding),
    forwarding,
    mostTalk: ms(TALK_ALLOWANCE + 2 * LONGEST_RTU_FRAME * character),
    mostBlocked: MOST_BLOCKED,
    broadcastTurnaround: settings.broadcastTurnaround,
  };
}
