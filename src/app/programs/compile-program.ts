import { SourceMap } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { buildSync, type BuildFailure, type Message } from "esbuild";
import type { ConfigIssue } from "../../config/source/config-issue.ts";
import { err, ok, type Result } from "../../kit/result.ts";

/** What a program imports from us is given to it by whoever runs it. */
export const OWN_MODULES: readonly string[] = ["takt/program", "takt-master/program"];

/** A program with everything it imports, as one script. */
export interface CompiledProgram {
  readonly code: string;
  /** What the script is called where it is run. */
  readonly name: string;
  /** Where a position of the script was written; lines and columns count from 1. */
  readonly written: (line: number, column: number) => WrittenAt | undefined;
  /** The files it was made of, without those of packages. */
  readonly sources: readonly ProgramSource[];
}

export interface WrittenAt {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ProgramSource {
  readonly file: string;
  readonly text: string;
}

/** Reads a module in TypeScript or JavaScript; types are dropped unchecked (that is for an editor or tsc). */
export function compileProgram(file: string): Result<CompiledProgram, readonly ConfigIssue[]> {
  const folder = dirname(file);
  const name = join(folder, `${basename(file)}.compiled`);
  try {
    const { outputFiles } = buildSync({
      entryPoints: [file],
      absWorkingDir: folder,
      outfile: name,
      bundle: true,
      treeShaking: false,
      write: false,
      format: "cjs",
      platform: "node",
      target: "node20",
      sourcemap: "external",
      external: [...OWN_MODULES],
      // what other programs of the folder are compiled with is no business of this one
      tsconfigRaw: {},
      logLevel: "silent",
    });
    const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
    return ok(compiled({ code: text(".compiled"), map: text(".map"), name, folder }));
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return err(error.errors.map((message) => issueOf(message, file, folder)));
  }
}

interface Output {
  readonly code: string;
  readonly map: string;
  readonly name: string;
  readonly folder: string;
}

function compiled({ code, map, name, folder }: Output): CompiledProgram {
  const payload = JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0];
  const positions = new SourceMap(payload);
  const fileOf = (source: string): string => join(folder, source);
  const sources = payload.sources.map((source, index) => ({
    file: fileOf(source),
    text: payload.sourcesContent[index] ?? "",
  }));
  return {
    code,
    name,
    sources: sources.filter((source) => !relative(folder, source.file).includes("node_modules")),
    written(line, column) {
      const entry = positions.findEntry(line - 1, column - 1);
      if (!("originalSource" in entry)) return undefined;
      return { file: fileOf(entry.originalSource), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    },
  };
}

function issueOf({ text, location }: Message, file: string, folder: string): ConfigIssue {
  if (!location) return { file, line: 1, column: 1, message: text };
  return { file: join(folder, location.file), line: location.line, column: location.column + 1, message: text };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
