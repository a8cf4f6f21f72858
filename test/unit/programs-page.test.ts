import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { types } from "../../src/app/commands/types.ts";
import { loadPrograms } from "../../src/app/programs/load-programs.ts";
import { formatIssues } from "../../src/config/source/config-issue.ts";
import { loadWorkablePlant } from "../../src/app/plan/load-workable-plant.ts";
import { loadPlant } from "../../src/config/plant/load-plant.ts";
import { parseDuration } from "../../src/kit/duration.ts";
import * as taktProgram from "../../src/scan/program/takt-program.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = readFileSync(new URL("docs/programs.md", ROOT), "utf8");

const fences = (language: string): readonly string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);

/** The page's files by their names. */
function files(): Readonly<Record<string, string>> {
  const [plant = ""] = fences("yaml");
  const modules = fences("ts").map((text) => [/^\/\/ (\S+)\n/.exec(text)?.[1] ?? "", text] as const);
  return { "plant.yaml": plant, ...Object.fromEntries(modules) };
}

describe("the page about programs", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "takt-page-"));
    for (const [name, text] of Object.entries(files())) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("shows a plant that holds its cycle", () => {
    const workable = loadWorkablePlant(join(folder, "plant.yaml"));
    assert.equal(workable.ok ? "" : formatIssues(workable.failure), "");
  });

  it("shows a plant and a program that are in order, with the settings it calls the usual ones", () => {
    const plant = loadPlant(join(folder, "plant.yaml"));
    assert.ok(plant.ok, plant.ok ? "" : formatIssues(plant.failure));
    const programs = loadPrograms(plant.value);
    assert.ok(programs.ok, programs.ok ? "" : formatIssues(programs.failure));
    const [sorting] = programs.value;
    const { period } = plant.value.scan;
    assert.deepEqual([sorting?.every, sorting?.grace, sorting?.budget], [period, parseDuration("500ms"), period / 5]);
  });

  for (const type of ["module", "commonjs"]) {
    it(`shows a test that passes in a folder of type ${type}, with the package under the name it is imported by`, () =>
      assertTestPasses(type));
  }

  async function assertTestPasses(type: string): Promise<void> {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
    const takt = join(folder, "node_modules/takt");
    mkdirSync(takt, { recursive: true });
    const entries = { program: "takt-program", "program/bench": "bench" };
    const exported = Object.keys(entries).map((name) => [`./${name}`, `./${name.replace("/", "-")}.js`]);
    writeFileSync(
      join(takt, "package.json"),
      JSON.stringify({ name: "takt", type: "module", exports: Object.fromEntries(exported) as object }),
    );
    for (const [name, file] of Object.entries(entries)) {
      const { pathname } = new URL(`src/scan/program/${file}.ts`, ROOT);
      writeFileSync(join(takt, `${name.replace("/", "-")}.js`), `export * from "${pathname}";\n`);
    }
    const args = [
      "--import",
      new URL("node_modules/tsx/dist/loader.mjs", ROOT).href,
      "--test-reporter=tap",
      join(folder, "sorting.test.ts"),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    assert.match(stdout, /^# pass 2$/m);
    assert.match(stdout, /^# fail 0$/m);
  }

  it("shows code that its own declarations let through", () => {
    assert.equal(
      types(join(folder, "plant.yaml"), {}, () => undefined),
      0,
    );
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(new URL("node_modules/@types", ROOT).pathname, join(folder, "node_modules/@types"));
    const shown = ["takt-env.d.ts", "sorting.ts", "lost.ts", "sorting.test.ts"].map((name) => join(folder, name));
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(new URL("config/demo/tsconfig.json", ROOT).pathname, (path) => ts.sys.readFile(path)).config,
      ts.sys,
      folder,
    );
    const told = ts.getPreEmitDiagnostics(ts.createProgram(shown, options));
    assert.deepEqual(
      told.map(({ messageText }) => messageText),
      [],
    );
  });

  it("names every function block", () => {
    const blocks = Object.keys(taktProgram).filter((name) => name !== "program");
    const [, table = ""] = /## Function blocks\n(.*?)\n## /s.exec(PAGE) ?? [];
    assert.deepEqual(
      blocks.filter((name) => !new RegExp(`^\\|.*\`${name}\\(`, "m").test(table)),
      [],
    );
  });

  it("names every event", () => {
    const folderOfRuns = new URL("src/scan/program/", ROOT);
    const sources = ["program-run", "program-outputs", "time-budget"].map((name) =>
      readFileSync(new URL(`${name}.ts`, folderOfRuns), "utf8"),
    );
    const events = new Set(sources.join("\n").match(/(?<=")program\.\w+(?=")/g));
    const [, table = ""] = /## Events\n(.*)$/s.exec(PAGE) ?? [];
    const told = new Set(table.match(/(?<=`)program\.\w+(?=`)/g));
    assert.ok(events.size > 5);
    assert.deepEqual(told, events);
  });
});
