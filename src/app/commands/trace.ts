import { closeSync, openSync, writeSync } from "node:fs";
import type { Clock } from "../../kit/clock.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { ms, wallTime } from "../../kit/time.ts";
import type { TraceReply } from "../control/control-message.ts";
import { findLine, type FoundMaster } from "../control/find-master.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import type { Terminal } from "../process/terminal.ts";
import { type RecordedFrame, RecordingWriter } from "../trace/recording.ts";
import { frameJson, frameText } from "../trace/frame-text.ts";

export interface TraceOptions {
  /** A pcapng file for the frames. */
  readonly out?: string | undefined;
  readonly json: boolean;
  /** Where running masters put their control sockets. */
  readonly folder: string;
  readonly clock: Clock;
}

/** Between two questions for frames. */
const PACE = ms(100);
const REPLY_TIME = ms(5000);

/** `takt trace`: the frames of a line of the running master, as they come, until `stop`. */
export async function trace(
  line: string,
  options: TraceOptions,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<ExitCode> {
  const found = await findLine(line, { ...options, warn: terminal.err });
  if (!found.ok) {
    terminal.err(found.failure);
    return EXIT.invalid;
  }
  const master = found.value;
  let file: number | undefined;
  try {
    if (options.out !== undefined) file = openSync(options.out, "w");
    return await watch(master, options, { terminal, stop, file });
  } catch (error) {
    terminal.err(`${options.out ?? "the trace"}: ${errorMessage(error)}`);
    return EXIT.failed;
  } finally {
    master.client.close();
    if (file !== undefined) closeSync(file);
  }
}

interface Outlets {
  readonly terminal: Terminal;
  readonly stop: AbortSignal;
  /** Descriptor of the recording. */
  readonly file: number | undefined;
}

async function watch(master: FoundMaster, { json, clock }: TraceOptions, outlets: Outlets): Promise<ExitCode> {
  const { terminal, stop, file } = outlets;
  const writer = new RecordingWriter();
  do {
    const reply = await master.client.ask({ trace: { line: master.line.name } }, REPLY_TIME);
    const problem = !reply.ok ? reply.failure.reason : "error" in reply.value ? reply.value.error : undefined;
    if (!reply.ok || !("traced" in reply.value)) {
      terminal.err(`the trace ended: ${problem ?? "the master replies to something else"}`);
      return EXIT.noAnswer;
    }
    const { traced } = reply.value;
    if (traced.dropped > 0) terminal.err(`${traced.dropped} frames were missed: there were more than could be fetched`);
    for (const frame of recorded(traced, master, clock)) {
      if (file !== undefined) writeSync(file, writer.write(frame));
      terminal.out(json ? frameJson(frame) : frameText(frame));
    }
    if (!traced.more) await pause(clock, stop);
  } while (!stop.aborted);
  return EXIT.done;
}

/** With wall times: the master's monotonic clock is ours. */
function recorded({ frames }: TraceReply, { line }: Pick<FoundMaster, "line">, clock: Clock): readonly RecordedFrame[] {
  const offset = clock.wall() - clock.now();
  return frames.map(({ direction, at, hex, verdict }) => ({
    line: line.name,
    protocol: line.kind === "tcp" ? "tcp" : "rtu",
    direction,
    at: wallTime(at + offset),
    bytes: Buffer.from(hex, "hex"),
    verdict,
  }));
}

function pause(clock: Clock, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after("trace", PACE, () => {
      stop.removeEventListener("abort", end);
      resolve();
    });
    const end = (): void => {
      timer.cancel();
      resolve();
    };
    if (stop.aborted) end();
    else stop.addEventListener("abort", end, { once: true });
  });
}
