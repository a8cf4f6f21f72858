import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadPrograms } from "../../../../src/app/programs/load-programs.ts";
import { type ConfigIssue, formatIssues } from "../../../../src/config/source/config-issue.ts";
import { loadPlant } from "../../../../src/config/plant/load-plant.ts";
import type { Plant } from "../../../../src/config/plant/plant.ts";
import { err, ok, type Result } from "../../../../src/kit/result.ts";
import type { LoadedProgram } from "../../../../src/scan/program/program-run.ts";
import { ProgramRig } from "../../../support/scan/program-rig.ts";

const PLANT = (programs: string): string => `plant: cell
lines: { cell: { tcp: { host: 127.0.0.1 } } }
devices:
  infeed: { profile: takt/conveyor, line: cell, unit: 1 }
${programs}`;

const SORTING = `import { program, R_TRIG } from "takt/program";

const boxAtExit = R_TRIG();

export default program(({ io }) => {
  if (boxAtExit(io.infeed.exitEye)) io.infeed.run = false;
});
`;

describe("the programs of a plant file", () => {
  let folder = "";

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "takt-programs-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  interface Loaded {
    readonly plant: Plant;
    readonly programs: readonly LoadedProgram[];
  }

  function load(
    files: Readonly<Record<string, string>>,
    programs = "programs: [./sorting.ts]",
  ): Result<Loaded, readonly ConfigIssue[]> {
    for (const [name, text] of Object.entries({ "plant.yaml": PLANT(programs), ...files })) {
      writeFileSync(join(folder, name), text);
    }
    const plant = loadPlant(join(folder, "plant.yaml"));
    if (!plant.ok) return plant;
    const loaded = loadPrograms(plant.value);
    return loaded.ok ? ok({ plant: plant.value, programs: loaded.value }) : err(loaded.failure);
  }

  function mistakes(...given: Parameters<typeof load>): string {
    const result = load(...given);
    assert.ok(!result.ok);
    return formatIssues(result.failure)
      .replaceAll(`${folder}/`, "")
      .replaceAll(/\.\.\/\S*takt-programs-\w+\//g, "");
  }

  it("are loaded with what the file says of them", () => {
    const result = load(
      {
        "sorting.ts": SORTING,
        "lamp.mjs": `import { program } from "takt/program";\nexport default program(() => {});`,
      },
      "programs:\n  - ./sorting.ts\n  - { file: lamp.mjs, every: 100ms, grace: 2s, budget: 1ms }",
    );
    assert.ok(result.ok);
    const settings = result.value.programs.map(({ name, every, grace, budget }) => ({ name, every, grace, budget }));
    assert.deepEqual(settings, [
      { name: "sorting", every: 20, grace: 500, budget: 4 },
      { name: "lamp", every: 100, grace: 2000, budget: 1 },
    ]);
  });

  it("run on what takt itself gives them, and are told where they went wrong", async () => {
    const text = `import { program, TON } from "takt/program";
import { limit } from "./limits.ts";
enum Mode { Slow }
const settled = TON("100ms");
export default program(({ io }: { io: any }) => {
  const waits: boolean = settled(io.infeed.exitEye);
  io.infeed.run = !waits;
  if (waits && Mode.Slow < limit) throw new Error("waited long enough");
});`;
    const result = load({ "sorting.ts": text, "limits.ts": "export const limit: number = 5;" });
    assert.ok(result.ok);
    const rig = new ProgramRig(result.value.plant, result.value.programs);
    await rig.run("300ms");
    assert.equal(rig.state("sorting"), "running");
    assert.equal(rig.unit().get("coil", 0), 1);
    rig.unit().set("discrete", 3, 1);
    await rig.run("200ms");
    assert.match(rig.told.at(-1) ?? "", /program\.stopped .*reason=waited long enough \(sorting\.ts:8:41\)/);
    assert.equal(rig.unit().get("coil", 0), 0);
  });

  it("are told as mistakes of the plant file where they are missing or misnamed", () => {
    const programs = `programs:
  - ./sorting.ts
  - ./notes.txt
  - 3
  - { file: ./other.js, every: 30ms, grase: 1s }
  - ./lines/sorting.ts`;
    assert.equal(
      mistakes({ "other.js": "" }, programs)
        .replaceAll("\n  ", "; ")
        .replaceAll(/looked for \S+/g, "looked for …"),
      `plant.yaml:6:5  programs: ./sorting.ts: there is no such file; looked for …
plant.yaml:7:5  programs: ./notes.txt is no program; its name ends in one of .ts, .mts, .js, .mjs
plant.yaml:8:5  programs: expected the file of a program, got 3
plant.yaml:9:32  programs: every: 30ms is no multiple of the scan period 20ms
plant.yaml:9:38  programs: unknown key "grase"; did you mean "grace"? (known: file, every, grace, budget)
plant.yaml:10:5  programs: ./lines/sorting.ts: there is no such file; looked for …
plant.yaml:10:5  programs: sorting is the name of another program too
7 problems. Nothing was started.`,
    );
    assert.match(mistakes({}, "programs: ./sorting.ts"), /plant\.yaml:5:11 +programs: expected a list of files/);
  });

  const broken: readonly (readonly [string, string, string])[] = [
    ["does not compile", "const a = ;\n", 'sorting.ts:1:11  Unexpected ";"'],
    ["imports what is not there", 'import "./gone.ts";\n', 'sorting.ts:1:8  Could not resolve "./gone.ts"'],
    [
      "waits at its top",
      "await 1;\n",
      'sorting.ts:1:1  Top-level await is currently not supported with the "cjs" output format',
    ],
    [
      "has no default export",
      "export const a = 1;\n",
      "sorting.ts:1:1  it has no default export; write export default program(({ io }) => { … })",
    ],
    [
      "exports something else",
      "export default () => 1;\n",
      "sorting.ts:1:1  its default export is no program; write export default program(({ io }) => { … })",
    ],
    [
      "throws when it is loaded",
      'import { TON } from "takt/program";\n\n  TON("soon");\n',
      'sorting.ts:3:3  TON: PT: soon is no time; write "150ms" or "2s"',
    ],
    [
      "has timers of its own",
      "\nsetTimeout(() => 1, 1);\n",
      "sorting.ts:2:1  setTimeout goes on outside the cycle; a program waits with TON, TOF or TP",
    ],
    [
      "names a device there is not",
      SORTING.replace("io.infeed.run", "io.infed.run"),
      'sorting.ts:6:37  unknown device "infed"; did you mean "infeed"? (known: infeed)',
    ],
    [
      "writes an input",
      SORTING.replace(".run", ".jam"),
      "sorting.ts:6:37  infeed.jam is no output: its profile has no write",
    ],
    [
      "reads what is not scanned",
      SORTING.replace(".exitEye", ".jog"),
      "sorting.ts:6:17  infeed.jog cannot be read: it is read on demand only (class: onDemand)",
    ],
  ];
  for (const [title, text, expected] of broken) {
    it(`is told with its place where it ${title}`, () => {
      assert.equal(mistakes({ "sorting.ts": text }), `${expected}\n1 problem. Nothing was started.`);
    });
  }

  it("is told where it names an unknown tag, in a file that it imports too", () => {
    const other = "export const stopped = (io: any) => !io.infeed.runing;\n";
    const text = mistakes({
      "sorting.ts": `import { stopped } from "./other.ts";\n${SORTING}stopped;\n`,
      "other.ts": other,
    });
    assert.match(text, /^other\.ts:1:38 +unknown tag "runing" of infeed\s+did you mean "running"\?/);
  });

  it("are told where two of them write one output", () => {
    const text = mistakes({ "sorting.ts": SORTING, "other.ts": SORTING }, "programs: [./sorting.ts, ./other.ts]");
    assert.equal(
      text,
      "other.ts:6:37  infeed.run is written by program sorting already\n1 problem. Nothing was started.",
    );
  });

  it("find what they import from takt in the package itself", async () => {
    const { exports } = JSON.parse(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8")) as {
      exports: Record<string, { default: string }>;
    };
    const entry = exports["./program"]?.default.replace(/^\.\/dist\//, "../../../../").replace(/js$/, "ts") ?? "";
    assert.equal(dirname(entry), "../../../../src/scan/program");
    const module = (await import(entry)) as Record<string, unknown>;
    assert.equal(typeof module["R_TRIG"], "function");
  });
});
