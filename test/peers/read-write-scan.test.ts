import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { read, type ReadOptions } from "../../src/app/commands/read.ts";
import { scan } from "../../src/app/commands/scan.ts";
import { write, type WriteOptions } from "../../src/app/commands/write.ts";
import { EXIT } from "../../src/app/process/exit-code.ts";
import { peer, PYTHON } from "../support/processes/peers.ts";
import { type RecordingTerminal, recordingTerminal } from "../support/processes/recording-terminal.ts";

const READ: ReadOptions = { unit: "3", timeout: "2s", allOrders: false, json: true, direct: true };
const WRITE: WriteOptions = { unit: "3", timeout: "2s", multiple: false, json: true, direct: true };

describe("takt read, write and scan against pymodbus", () => {
  before(peer("pymodbus"));

  let server: ChildProcess;
  let target: string;
  let terminal: RecordingTerminal;
  before(async function () {
    server = spawn(PYTHON, [fileURLToPath(new URL("pymodbus-units.py", import.meta.url))], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    assert.ok(server.stdout);
    const [port] = (await once(server.stdout, "data")) as [Buffer];
    target = `tcp://127.0.0.1:${port.toString().trim()}`;
  });
  after(async () => {
    server.kill("SIGKILL");
    await once(server, "close");
  });
  beforeEach(() => {
    terminal = recordingTerminal();
  });

  it("reads what its registers hold, in several requests", async () => {
    assert.equal(await read(target, ["holding", "10", "290"], READ, terminal), EXIT.done);
    const { registers } = JSON.parse(terminal.output) as { readonly registers: readonly number[] };
    assert.deepEqual(
      registers,
      Array.from({ length: 290 }, (_, at) => 10 + at),
    );
  });

  it("is told by name what it refuses", async () => {
    assert.equal(await read(target, ["holding", "299", "2"], READ, terminal), EXIT.refused);
    assert.match(terminal.output, /exception 02 illegal data address/);
  });

  it("writes and verifies values and coils", async () => {
    const values = ["holding", "4", "1.5", "-2"];
    assert.equal(await write(target, values, { ...WRITE, type: "float32", order: "CDAB" }, terminal), EXIT.done);
    assert.match(terminal.output, /"sent":\[1\.5,-2\].*"after":\[1\.5,-2\],"outcome":"verified"/);
    assert.equal(await write(target, ["coil", "3", "on", "off", "on"], WRITE, terminal), EXIT.done);
    const coils = recordingTerminal();
    assert.equal(await read(target, ["coil", "2", "5"], READ, coils), EXIT.done);
    assert.match(coils.output, /"bits":\[false,true,false,true,false\]/);
  });

  it("finds its units, and what they say of themselves", async () => {
    const options = { units: "1-4", timeout: "200ms", json: true, direct: true };
    assert.equal(await scan(target, options, terminal), EXIT.done);
    const { units } = JSON.parse(terminal.output) as {
      readonly units: readonly { readonly unit: number; readonly identification: Readonly<Record<string, string>> }[];
    };
    assert.deepEqual(
      units.map(({ unit, identification }) => [unit, identification["vendor"], identification["productCode"]]),
      [
        [1, "Acme", "EM24"],
        [3, "Acme", "EM24"],
      ],
    );
  });
});
