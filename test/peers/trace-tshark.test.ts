import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RecordedFrame, RecordingWriter } from "../../src/app/trace/recording.ts";
import { wallTime } from "../../src/kit/time.ts";
import { peer } from "../support/processes/peers.ts";
import { runProgram } from "../support/processes/program.ts";

function frame(
  protocol: RecordedFrame["protocol"],
  direction: RecordedFrame["direction"],
  text: string,
  verdict?: string,
): RecordedFrame {
  const bytes = Buffer.from(text.replaceAll(" ", ""), "hex");
  const line = protocol === "rtu" ? "drives" : "cell";
  return { line, protocol, direction, at: wallTime(1_795_219_143_040.25), bytes, verdict };
}

const FRAMES = [
  frame("rtu", "sent", "11 03 00 6B 00 03 76 87"),
  frame("rtu", "received", "11 03 06 AE 41 56 52 43 40 49 AD", "accepted"),
  frame("rtu", "received", "11 83 02 C1 34", "late"),
  frame("tcp", "sent", "00 07 00 00 00 06 05 06 00 04 00 2A"),
  frame("tcp", "received", "00 07 00 00 00 06 05 06 00 04 00 2A", "accepted"),
  frame("tcp", "received", "00 08 00 00 00 07 05 04 04 00 01 00 02"),
];

describe("tshark and a recording", () => {
  before(peer("tshark"));
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "takt-trace-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function tshark(...fields: readonly string[]): Promise<readonly (readonly string[])[]> {
    const file = join(folder, "trace.pcapng");
    const writer = new RecordingWriter();
    writeFileSync(file, Buffer.concat(FRAMES.map((each) => writer.write(each))));
    const crc = ["-o", "mbrtu.crc_verification:TRUE"];
    const options = ["-r", file, ...crc, "-T", "fields", ...fields.flatMap((field) => ["-e", field])];
    const { code, out, err } = await runProgram("tshark", options);
    assert.equal(code, 0, err);
    return out
      .split("\n")
      .filter((line) => line.includes("\t"))
      .map((line) => line.split("\t"));
  }

  it("agree on line, direction, time and verdict", async () => {
    const rows = await tshark("frame.interface_name", "frame.p2p_dir", "frame.time_epoch", "frame.comment");
    assert.deepEqual(rows[0], ["drives", "0", "1795219143.040250000", ""]);
    assert.deepEqual(
      rows.map(([line, direction, , comment]) => [line, direction, comment]),
      [
        ["drives", "0", ""],
        ["drives", "1", "accepted"],
        ["drives", "1", "late"],
        ["cell", "0", ""],
        ["cell", "1", "accepted"],
        ["cell", "1", ""],
      ],
    );
  });

  it("agree on what the frames say, with no setting of its user", async () => {
    const fields = ["mbrtu.unit_id", "mbrtu.crc16.status", "modbus.func_code", "modbus.regval_uint16"];
    const rtu = await tshark(...fields, "modbus.exception_code", "modbus.word_cnt");
    assert.deepEqual(rtu.slice(0, 3), [
      ["17", "1", "3", "", "", "3"],
      ["17", "1", "3", "44609,22098,17216", "", ""],
      ["17", "1", "3", "", "2", ""],
    ]);
    const tcp = await tshark("mbtcp.trans_id", "mbtcp.unit_id", "modbus.func_code", "modbus.regval_uint16");
    assert.deepEqual(tcp.slice(3), [
      ["7", "5", "6", ""],
      ["7", "5", "6", ""],
      ["8", "5", "4", "1,2"],
    ]);
  });
});
