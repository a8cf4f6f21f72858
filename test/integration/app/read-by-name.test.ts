import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readByName, type ReadTagsOptions } from "../../../src/app/commands/read-by-name.ts";
import { EXIT } from "../../../src/app/process/exit-code.ts";
import { frame, HostileServer, type Script } from "../../support/tcp/hostile-server.ts";
import { type RecordingTerminal, recordingTerminal } from "../../support/processes/recording-terminal.ts";

const PROFILE = `
profile: acme/pump
title: a pump
timing: { turnaround: 5ms, responseTimeout: 100ms }
tags:
  level: { at: holding 0, type: int16, scale: 0.1, unit: m, invalid: [-32768] }
  broken: { at: holding 1, type: int16, invalid: [-32768] }
  absent: { at: holding 2 }
  mode: { at: holding 3.4-5, type: enum, values: { 0: off, 1: auto } }
`;

/** Holding 0..3 hold 123, the sentinel -32768, nothing (refused) and mode auto. */
const pump: Script = ({ id, unit, pdu }) => {
  const value = [123, 0x8000, undefined, 0x10][pdu.readUInt16BE(1)];
  const answer = value === undefined ? Buffer.of(0x83, 2) : Buffer.of(3, 2, value >> 8, value & 0xff);
  return [{ send: frame(id, unit, answer) }];
};

describe("takt read by name", () => {
  let folder: string;
  let server: HostileServer;
  let terminal: RecordingTerminal;
  let options: ReadTagsOptions;
  beforeEach(async () => {
    server = await HostileServer.start(pump);
    terminal = recordingTerminal();
    folder = mkdtempSync(join(tmpdir(), "takt-by-name-"));
    const plant = join(folder, "plant.yaml");
    mkdirSync(join(folder, "devices", "acme"), { recursive: true });
    writeFileSync(join(folder, "devices", "acme", "pump.yaml"), PROFILE);
    writeFileSync(
      plant,
      `plant: p\nlines: { cell: { tcp: { host: 127.0.0.1, port: ${server.port} } } }\ndevices: { p1: { profile: acme/pump, line: cell, unit: 7 } }\n`,
    );
    options = { plant, direct: true, json: false };
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it("shows values as the plant sees them, and hides none behind one that is refused", async () => {
    assert.equal(await readByName("p1", [], options, terminal), EXIT.done, terminal.errors);
    assert.deepEqual(
      terminal.output
        .split("\n")
        .slice(2, 7)
        .map((line) => line.replaceAll(/ {2,}/g, " | ").trim()),
      [
        "| tag | value | unit | at | raw",
        "| level | 12.3 | m | holding 0 | 007B",
        "| broken | sentinel | holding 1 | 8000",
        "| absent | exception 02 illegal data address | holding 2",
        "| mode | auto | holding 3.4-5 | 0010",
      ],
    );
  });

  it("reads only what is named, for programs too", async () => {
    assert.equal(await readByName("p1", ["level"], { ...options, json: true }, terminal), EXIT.done);
    const { tags } = JSON.parse(terminal.output) as { readonly tags: unknown };
    assert.deepEqual(tags, { level: { value: 12.3, reason: "ok", unit: "m", at: "holding 0", raw: [123] } });
    assert.equal(server.requests.length, 1);
  });

  it("ends with the first silence", async () => {
    server.script = () => [];
    assert.equal(await readByName("p1", [], options, terminal), EXIT.noAnswer);
    assert.match(terminal.errors, /p1\.level \(holding 0\) of unit 7 .* no answer within 100 ms/);
    assert.equal(server.requests.length, 1);
  });

  it("tells which devices and tags there are", async () => {
    assert.equal(await readByName("p2", [], options, terminal), EXIT.invalid);
    assert.match(terminal.errors, /did you mean "p1"/);
    assert.equal(await readByName("p1", ["levl"], options, terminal), EXIT.invalid);
    assert.match(terminal.errors, /did you mean "level"/);
    assert.equal(await readByName("p1", [], { ...options, plant: "absent.yaml" }, terminal), EXIT.invalid);
  });
});
