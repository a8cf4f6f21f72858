import type { TracedFrame, TraceSink } from "../../bus/line/trace-sink.ts";
import { BoundedQueue } from "../../kit/bounded-queue.ts";
import type { Clock } from "../../kit/clock.ts";
import { type Instant, ms, plus } from "../../kit/time.ts";
import type { TracedFrames } from "../../link/messages.ts";

/** Frames of one line that wait to be fetched; the oldest are dropped beyond. */
const MOST_KEPT = 512;

/** Frames given at once. */
const MOST_AT_ONCE = 32;

/** A line is watched for so long after frames were last asked for. */
const PATIENCE = ms(5000);

interface LineTrace {
  readonly frames: BoundedQueue<TracedFrame>;
  /** Undefined: nobody watches. */
  until: Instant | undefined;
  toldDropped: number;
}

/** The frames of the lines, kept only while somebody asks for them. */
export class LineTraces {
  readonly #clock: Clock;
  readonly #traces = new Map<string, LineTrace>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the frames of a line. */
  sinkOf(line: string): TraceSink {
    const frames = new BoundedQueue<TracedFrame>({ limit: MOST_KEPT, whenFull: "dropOldest" });
    const trace: LineTrace = { frames, until: undefined, toldDropped: 0 };
    this.#traces.set(line, trace);
    return (frame) => {
      if (trace.until === undefined) return;
      if (this.#clock.now() <= trace.until) frames.push(frame);
      else trace.until = undefined;
    };
  }

  /** What came since the last call; undefined for a line that does not exist. The first call begins the watch. */
  take(line: string): TracedFrames | undefined {
    const trace = this.#traces.get(line);
    if (!trace) return undefined;
    const now = this.#clock.now();
    if (trace.until === undefined || trace.until < now) while (trace.frames.shift() !== undefined);
    trace.until = plus(now, PATIENCE);
    const frames: TracedFrame[] = [];
    for (let frame = trace.frames.shift(); frame; frame = trace.frames.shift()) {
      frames.push(frame);
      if (frames.length === MOST_AT_ONCE) break;
    }
    const dropped = trace.frames.dropped - trace.toldDropped;
    trace.toldDropped = trace.frames.dropped;
    return { frames, dropped, more: frames.length === MOST_AT_ONCE };
  }
}
