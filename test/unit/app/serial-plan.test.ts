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
    command: typeof plan,
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

  it("is planned with the format of each line, the time of each read and the share of the wire", () => {
    const { code, text } = run(plan, BELT);
    assert.equal(code, 0);
    assert.match(text, /^line drives {3}serial \/dev\/ttyUSB0, 19200 8E1$/m);
    assert.match(text, /^line remote {3}RTU over TCP 127\.0\.0\.1:15021, 9600 8E1$/m);
    assert.match(text, /^line boiler {3}TCP 10\.0\.0\.7:502, gateway 9600 8N1$/m);
    // 8 and 7 characters, a silence, 8 ms until the answer
    assert.match(text, /^ {2}every 1s +belt +holding 4 +18\.6 ms {2}faultCode, state$/m);
    assert.match(text, /^ {2}\d+ % of the wire's time$/m);
  });

  it("is told to programs with the same figures", () => {
    const lines: unknown = JSON.parse(run(plan, BELT, true).text);
    assert.ok(Array.isArray(lines));
    const loads = lines.map((line: unknown) =>
      typeof line === "object" && line !== null && "load" in line ? line.load : undefined,
    );
    assert.ok(Number(loads[0]) > 0.1);
    assert.deepEqual(loads.slice(1), [0, 0]);
  });

  it("is in order while its wires can carry it", () => {
    assert.equal(run(check, BELT).code, 0);
  });

  it("is refused where a wire cannot carry its cycle, with the figure and what would help", () => {
    const { code, text } = run(check, BELT, false, "100ms");
    assert.equal(code, 2);
    assert.match(
      text,
      /plant\.yaml:4:3 {2}line drives: its cycle takes 1\d\d % of the wire's time at 19200 8E1\n {2}2\d % goes to belt input 4\.\.8 every 100ms; read it in a slower class, or at \d+ baud \(9\d %\)\n1 problem/,
    );
  });

  it("is planned all the same, with a warning", () => {
    const { code, text } = run(plan, BELT, false, "20ms");
    assert.equal(code, 0);
    assert.match(text, /^ {2}\d+ % of the wire's time: TOO MUCH/m);
  });
});
