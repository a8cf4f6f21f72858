import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { types } from "../../../../src/app/commands/types.ts";

const PLANT = `plant: cell
lines: { cell: { tcp: { host: 127.0.0.1 } } }
devices:
  infeed: { profile: takt/conveyor, line: cell, unit: 1 }
  picker-1: { profile: takt/robot-arm, line: cell, unit: 11 }
  counter: { profile: acme/counter, line: cell, unit: 2 }
`;

const COUNTER = `profile: acme/counter
title: Counter
tags: { total: { at: holding 0, type: uint64, write: { kind: level } } }
`;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  types: [],
};

/** What the compiler says: `sorting.ts:3 TS2322 …`. */
function complaints(files: readonly string[]): readonly string[] {
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files], OPTIONS))
    .map(({ file, start = 0, code, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${line} TS${code} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}

describe("the declarations of a plant", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "takt-types-"));
    writeFileSync(join(folder, "plant.yaml"), PLANT);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    ts.sys.createDirectory(join(folder, "devices"));
    ts.sys.createDirectory(join(folder, "devices/acme"));
    writeFileSync(join(folder, "devices/acme/counter.yaml"), COUNTER);
    assert.equal(
      types(join(folder, "plant.yaml"), {}, () => undefined),
      0,
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  const compile = (text: string): readonly string[] => {
    writeFileSync(join(folder, "sorting.ts"), text);
    return complaints([join(folder, "takt-env.d.ts"), join(folder, "sorting.ts")]);
  };

  it("let a program through that is in order", () => {
    const text = `import { CTU, program, R_TRIG, TON } from "takt/program";
import { bench } from "takt/program/bench";
const boxAtExit = R_TRIG();
const settle = TON("150ms");
const boxes = CTU(10);
const sorting = program({ retain: { boxes: 0, last: "" } }, ({ io, time, log, retain }) => {
  if (boxAtExit(io.infeed.exitEye)) io.infeed.run = false;
  if (settle(!io.infeed.exitEye) && settle.ET > 10) io.infeed.speedSetpoint = io.infeed.speed + 1;
  io.infeed.jog = boxes(io.infeed.entryEye) || boxes.CV > 3;
  if (io.infeed.faultCode === "jam") retain.boxes = time.now;
  retain.last = "x";
  io["picker-1"].target = [1, 2, 3];
  io.counter.total = 7;
  const total: bigint = io.counter.total;
  const { value, age } = io.peek("picker-1.joints");
  log.info("joints", { first: value?.[0], age, total: Number(total) });
});
export default sorting;
const cell = bench(sorting, { plant: "plant.yaml" });
cell.step("1s");
cell.outputs["infeed"];
`;
    assert.deepEqual(compile(text), []);
  });

  it("tell whatever the plant does not have", () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ["io.infed.run = true;", /TS2551 .*'infed'.*Did you mean 'infeed'/],
      ["io.infeed.ran;", /TS2339 .*'ran'/],
      ["io.infeed.exitEye = true;", /TS2540 .*read-only/],
      ["io.infeed.run = 1;", /TS2322 .*'number'.*'boolean'/],
      [`io.infeed.state === "runing";`, /TS2367 /],
      [`io.peek("infeed.ran");`, /TS2345 /],
      ["retain.boxes;", /TS2339 /],
    ];
    const lines = wrong.map(([line]) => line).join("\n");
    const text = `import { program } from "takt/program"; export default program(({ io, retain }) => {\n${lines}\n});\n`;
    const told = compile(text);
    assert.equal(told.length, wrong.length, told.join("\n"));
    for (const [at, [, expected]] of wrong.entries()) {
      assert.match(told[at] ?? "", expected);
      assert.equal(told[at]?.split(" ")[0], String(at + 2));
    }
  });
});
