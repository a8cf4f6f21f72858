import { createRequire } from "node:module";
import { basename } from "node:path";
import { compileFunction } from "node:vm";
import { type ConfigIssue, sortIssues } from "../../config/source/config-issue.ts";
import type { Plant, ProgramSettings } from "../../config/plant/plant.ts";
import { errorMessage } from "../../kit/error-message.ts";
import { err, ok, type Result } from "../../kit/result.ts";
import { Program } from "../../scan/program/program.ts";
import type { LoadedProgram } from "../../scan/program/program-run.ts";
import * as taktProgram from "../../scan/program/takt-program.ts";
import { checkNames, type Writers } from "./check-names.ts";
import { type CompiledProgram, compileProgram, OWN_MODULES, type WrittenAt } from "./compile-program.ts";

/** Loads the programs of a plant, or tells every mistake that can be known before they run. Their modules are executed. */
export function loadPrograms(plant: Plant): Result<readonly LoadedProgram[], readonly ConfigIssue[]> {
  const writers: Writers = new Map();
  const loaded: LoadedProgram[] = [];
  const issues = plant.programs.flatMap((settings) => {
    const compiled = compileProgram(settings.file);
    if (!compiled.ok) return compiled.failure;
    const misnamed = checkNames(settings.name, compiled.value.sources, { plant, writers });
    const program = evaluate(compiled.value, settings.file);
    if (!program.ok) return [...misnamed, program.failure];
    loaded.push(loadedProgram(settings, program.value, compiled.value));
    return misnamed;
  });
  return issues.length > 0 ? err(sortIssues(issues)) : ok(loaded);
}

function loadedProgram(settings: ProgramSettings, program: Program, compiled: CompiledProgram): LoadedProgram {
  return {
    ...settings,
    program,
    locate(error) {
      const at = writtenAt(error, compiled);
      return at && `${basename(at.file)}:${at.line}:${at.column}`;
    },
  };
}

/** A program that counted on these would go on outside its cycle, where nobody catches what it throws. */
const TIMERS = ["setTimeout", "setInterval", "setImmediate"];

/** What a program sees of the process: ending it is the master's, which brings outputs to their safe states first. */
const ENVIRONMENT = Object.freeze({ env: { ...process.env }, platform: process.platform, arch: process.arch });

function evaluate(compiled: CompiledProgram, file: string): Result<Program, ConfigIssue> {
  const { code, name } = compiled;
  const others = createRequire(file);
  const required = (module: string): unknown => (OWN_MODULES.includes(module) ? taktProgram : others(module));
  const module: { exports: { default?: unknown } } = { exports: {} };
  try {
    const run = compileFunction(code, ["require", "module", "exports", "process", ...TIMERS], { filename: name });
    Reflect.apply(run, undefined, [required, module, module.exports, ENVIRONMENT, ...TIMERS.map(noTimer)]);
  } catch (error) {
    const message = errorMessage(error);
    return err({ ...(writtenAt(error, compiled) ?? { file, line: 1, column: 1 }), message });
  }
  const { default: program } = module.exports;
  return program instanceof Program ? ok(program) : err({ file, line: 1, column: 1, message: noProgram(program) });
}

function noTimer(name: string): () => never {
  return () => {
    throw new Error(`${name} goes on outside the cycle; a program waits with TON, TOF or TP`);
  };
}

function noProgram(found: unknown): string {
  const what = found === undefined ? "it has no default export" : "its default export is no program";
  return `${what}; write export default program(({ io }) => { … })`;
}

/** Where in a program's files an error came from: the innermost of its own lines. */
function writtenAt(error: unknown, { name, written }: CompiledProgram): WrittenAt | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const [, place = ""] = stack.split(`${name}:`);
  const [, line, column] = /^(\d+):(\d+)/.exec(place) ?? [];
  return line === undefined ? undefined : written(Number(line), Number(column));
}
