import assert from "node:assert/strict";
import { scan, type ScanOptions } from "../../../src/app/commands/scan.ts";
import { EXIT } from "../../../src/app/process/exit-code.ts";
import { USUAL_FORMATS } from "../../../src/app/find-units/usual-formats.ts";
import { formatSerial } from "../../../src/modbus/serial-format.ts";
import { recordingTerminal } from "../../support/processes/recording-terminal.ts";

const OPTIONS: ScanOptions = { timeout: "100ms", direct: true, json: false };

describe("takt scan on a wire", () => {
  const rows: readonly (readonly [string, Partial<ScanOptions>, RegExp])[] = [
    ["rtu:///dev/ttyUSB0", { units: "0-5" }, /^unit 0 is outside 1\.\.247/],
    ["rtu+tcp://host:4001", { units: "248" }, /^unit 248 is outside 1\.\.247/],
    [
      "rtu:///dev/ttyUSB0",
      { baud: "9600" },
      /^--baud is auto, or part of the target: rtu:\/\/\/dev\/ttyUSB0\?baud=19200/,
    ],
    ["tcp://host", { baud: "auto" }, /^--baud auto is for serial ports/],
    ["rtu+tcp://host:4001", { baud: "auto" }, /^--baud auto is for serial ports/],
  ];
  for (const [target, options, said] of rows) {
    it(`of ${target} with ${JSON.stringify(options)} is refused before anything is sent`, async () => {
      const terminal = recordingTerminal();
      assert.equal(await scan(target, { ...OPTIONS, ...options }, terminal), EXIT.invalid);
      assert.match(terminal.errors, said);
    });
  }

  it("tries the likeliest formats first, each once", () => {
    const formats = USUAL_FORMATS.map(formatSerial);
    assert.deepEqual(formats.slice(0, 4), ["9600 8E1", "9600 8N1", "9600 8O1", "19200 8E1"]);
    assert.equal(new Set(formats).size, formats.length);
  });
});
