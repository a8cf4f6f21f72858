import type { Instant } from "../../kit/time.ts";

/** One frame, or piece of one, as it was on a line. RTU frames have their check sum, TCP frames their MBAP header. */
export interface TracedFrame {
  readonly line: string;
  readonly direction: "sent" | "received";
  readonly at: Instant;
  readonly bytes: Uint8Array;
  /** What the port made of it: `accepted`, `late`, `damaged: CRC`, `wrong unit`, …; sent frames have none. */
  readonly verdict: string | undefined;
}

/** Takes every frame of a line while somebody watches; the line does not ask for it otherwise. */
export type TraceSink = (frame: TracedFrame) => void;
