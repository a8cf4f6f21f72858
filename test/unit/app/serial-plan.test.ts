import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../../src/app/commands/check.ts";
import { plan } from "../../../src/app/commands/plan.ts";

const LINES = `
  drives: { serial: { path: /dev/ttyUSB0 } }
  remote: { rtuOverTcp: { host: 127.0.0.1, port: 15021, baudRate: 9600 } }
  boiler: { tcp: { host: 10.0.0.7 }, gateway: { baudRate: 9600, parity: none } }`;

describe("a plant with serial lines", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "takt-plan-"))));
  after(() => rmSync(folder, { recursive: true }));

  function run(
    command: (file: string, options: { readonly json: boolean }, out: (text: string) => void) => number,
    devices: string,
    json = false,
    period = "1s",
  ): { readonly code: number; readonly text: string } {
    const file = join(folder, "plant.yaml");
    const scan = `scan: { period: ${period}, classes: { fast: ${period}, normal: ${period} } }`;
    writeFileSync(file, `plant: wires\n${scan}\nlines:${LINES}\ndevices:\n  belt: ${devices}\n`);
    let text = "";
    const code = command(file, { json }, (line) => (text += `${line}\n`));
    return { code, text };
  }

  const BELT = "{ profile: takt/conveyor, line: drives, unit: 1 }";

  it("is planned with the format of each line, its frames and what is proved of them", () => {
    const { code, text } = run(plan, BELT);
    assert.equal(code, 0);
    assert.match(text, /^line drives {3}serial \/dev\/ttyUSB0, 19200 8E1, frame 1s$/m);
    assert.match(text, /^line remote {3}RTU over TCP 127\.0\.0\.1:15021, 9600 8E1, frame 1s$/m);
    assert.match(text, /^line boiler {3}TCP 10\.0\.0\.7:502, gateway 9600 8N1, frame 1s$/m);
    assert.match(text, /^ {2}frame 0 +\|belt █+\|writes ·+\| +\d+(\.\d)? ms of 1 s$/m);
    assert.match(
      text,
      /^ {2}proved: fullest frame \d+(\.\d)? ms of 1 s, writes of \d+(\.\d)? ms included; head room \d+ %$/m,
    );
    assert.match(text, /^ {2}oldest value belt\.\S+ 2 s; a command is answered within \d\.\d+ s; /m);
    assert.match(text, /^plant wires holds its cycle of 1s\.$/m);
  });

  it("lists every read with its time where that is asked for", () => {
    const { text } = run((file, options, out) => plan(file, { ...options, blocks: true }, out), BELT);
    // 8 and 7 characters, a silence, 8 ms until the answer, 2 ms of the host
    assert.match(text, /^ {2}every 1s +belt +holding 4 +20\.6 ms {2}faultCode, state$/m);
  });

  it("is told to programs with the same figures", () => {
    const told: unknown = JSON.parse(run(plan, BELT, true).text);
    assert.ok(typeof told === "object" && told !== null && "lines" in told && Array.isArray(told.lines));
    const loads = told.lines.map((line: unknown) =>
      typeof line === "object" && line !== null && "load" in line ? line.load : undefined,
    );
    assert.ok(Number(loads[0]) > 0.1);
    assert.deepEqual(loads.slice(1), [0, 0]);
  });

  it("is in order while its wires can carry it", () => {
    assert.equal(run(check, BELT).code, 0);
  });

  for (const [name, command] of Object.entries({ check, plan })) {
    it(`is refused by ${name} where a frame is overrun: which, by how much, and what would hold`, () => {
      const { code, text } = run(command, BELT, false, "100ms");
      assert.equal(code, 2);
      assert.match(
        text,
        /plant\.yaml:4:3 {2}line drives: frame 0 takes \d+(\.\d)? of 100 ms, \d+(\.\d)? ms too much: belt \d+(\.\d)? ms, writes \d+(\.\d)? ms\n {2}what holds: read nothing of this line more often than every \d+ms \(head room \d+(\.\d)? %\); read belt in class slow .*\n1 problem/,
      );
    });
  }

  it("is shown by plan all the same", () => {
    const { text } = run(plan, BELT, false, "100ms");
    assert.match(text, /^ {2}frame 0 .* of 100 ms$/m);
    assert.match(text, /^ {2}does NOT hold: fullest frame /m);
    assert.match(text, /^plant wires does NOT hold: drives\.$/m);
  });
});
