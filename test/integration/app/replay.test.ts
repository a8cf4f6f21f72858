import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { read, type ReadOptions } from "../../../src/app/commands/read.ts";
import { replay } from "../../../src/app/commands/replay.ts";
import { EXIT } from "../../../src/app/process/exit-code.ts";
import type { Terminal } from "../../../src/app/process/terminal.ts";
import { type RecordedFrame, RecordingWriter } from "../../../src/app/trace/recording.ts";
import { fromHex } from "../../../src/kit/bytes.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { wallTime } from "../../../src/kit/time.ts";
import { recordingTerminal } from "../../support/processes/recording-terminal.ts";

const READ: ReadOptions = { unit: "17", timeout: "300ms", allOrders: false, json: false, direct: true };

function frame(protocol: RecordedFrame["protocol"], at: number, text: string): RecordedFrame {
  const direction = text.startsWith(">>") ? "sent" : "received";
  const line = protocol === "rtu" ? "drives" : "cell";
  return { line, protocol, direction, at: wallTime(1e12 + at), bytes: fromHex(text.slice(2)), verdict: undefined };
}

const FRAMES = [
  frame("rtu", 0, "<< 55 55"),
  frame("rtu", 1, ">> 11 03 00 6B 00 03 76 87"),
  frame("rtu", 20, "<< 11 03 06 AE 41 56 52 43 40 49 AD"),
  frame("rtu", 30, ">> 11 03 00 6B 00 03 76 87"),
  frame("rtu", 31, "<< 11 83 02 C1 34"),
  frame("tcp", 40, ">> 00 07 00 00 00 06 11 04 00 04 00 01"),
  frame("tcp", 41, "<< 00 07 00 00 00 05 11 04 02 00 2A"),
];

describe("takt replay", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "takt-replay-"));
    file = join(folder, "trace.pcapng");
    const writer = new RecordingWriter();
    writeFileSync(file, Buffer.concat(FRAMES.map((each) => writer.write(each))));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs `body` with the target at which `line` is served. */
  async function served(line: string | undefined, body: (target: string) => Promise<void>): Promise<string> {
    const stop = new AbortController();
    const told = recordingTerminal();
    let done: Promise<number> | undefined;
    const target = await new Promise<string>((resolve, reject) => {
      const out = (text: string): void => resolve(/\S+:\/\/\S+/.exec(text)?.[0] ?? "");
      const terminal: Terminal = { ...told, out };
      done = replay(file, { line, port: 0, clock: systemClock }, terminal, stop.signal);
      done.catch(reject);
    });
    try {
      await body(target);
    } finally {
      stop.abort();
      assert.equal(await done, EXIT.done);
    }
    return told.errors;
  }

  it("answers as the slaves of a wire once did, in order and then from the start again", async () => {
    await served(undefined, async (target) => {
      assert.match(target, /^rtu\+tcp:/);
      for (const code of [EXIT.done, EXIT.refused, EXIT.done]) {
        const terminal = recordingTerminal();
        assert.equal(await read(target, ["holding", "107", "3"], READ, terminal), code, terminal.errors);
        if (code === EXIT.done) assert.match(terminal.output, /AE41|ae41/);
      }
    });
  });

  it("answers on TCP with the id that was asked with, and names what it does not know", async () => {
    const errors = await served("cell", async (target) => {
      const terminal = recordingTerminal();
      assert.equal(await read(target, ["input", "4"], READ, terminal), EXIT.done, terminal.errors);
      assert.match(terminal.output, /\b42\b/);
      assert.equal(await read(target, ["input", "5"], READ, recordingTerminal()), EXIT.noAnswer);
    });
    assert.match(errors, /not in the recording: .* 11 04 00 05 00 01/);
  });

  it("of a line or a file that is not there says so", async () => {
    const terminal = recordingTerminal();
    const options = { line: "nowhere", port: 0, clock: systemClock };
    const { signal } = new AbortController();
    assert.equal(await replay(file, options, terminal, signal), EXIT.invalid);
    assert.match(terminal.errors, /it has no line nowhere; there are drives, cell/);
    assert.equal(await replay(join(folder, "none"), options, terminal, signal), EXIT.invalid);
  });
});
