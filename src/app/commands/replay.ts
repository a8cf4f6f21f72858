import { readFileSync } from "node:fs";
import { once } from "node:events";
import { toHex } from "../../kit/bytes.ts";
import type { Clock } from "../../kit/clock.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { EXIT, type ExitCode } from "../process/exit-code.ts";
import type { Terminal } from "../process/terminal.ts";
import { Playback } from "../trace/playback.ts";
import { readRecording } from "../trace/recording.ts";
import { servePlayback } from "../trace/serve-playback.ts";

export interface ReplayOptions {
  /** One of those in the recording; the first where none is given. */
  readonly line?: string | undefined;
  readonly port: number;
  readonly clock: Clock;
}

/** `takt replay`: serves a recording of `takt trace` as a slave, until `stop`. */
export async function replay(
  file: string,
  { line, port, clock }: ReplayOptions,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<ExitCode> {
  try {
    const read = readRecording(readFileSync(file));
    if (!read.ok) throw new Error(read.failure);
    const names = [...new Set(read.value.map((frame) => frame.line))];
    const chosen = line ?? names[0] ?? "";
    const frames = read.value.filter((frame) => frame.line === chosen);
    const protocol = frames[0]?.protocol;
    if (!protocol)
      throw new Error(`it has no line ${chosen}; there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`);
    const playback = new Playback(frames);
    const unknown = (question: Buffer): void => terminal.err(`not in the recording: ${toHex(question)}`);
    const server = await servePlayback({ playback, protocol, port, clock, unknown });
    const scheme = protocol === "tcp" ? "tcp" : "rtu+tcp";
    terminal.out(`line ${chosen}   ${scheme}://127.0.0.1:${server.port}   ${playback.questions} questions are known`);
    if (!stop.aborted) await once(stop, "abort");
    await server.close();
    return EXIT.done;
  } catch (error) {
    terminal.err(`${file}: ${errorMessage(error)}`);
    return EXIT.invalid;
  }
}
