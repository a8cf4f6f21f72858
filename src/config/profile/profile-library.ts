import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "../../kit/result.ts";
import type { ConfigIssue } from "../source/config-issue.ts";
import { packageFile } from "../source/package-file.ts";
import { readYaml } from "../source/read-yaml.ts";
import type { Source } from "../source/source.ts";

/** The profiles that come with takt. */
export const PACKAGE_DEVICES = join(dirname(packageFile("package.json")), "devices/");

/** Profile files by name, in the first of its folders that has them; each file is read once. */
export class ProfileLibrary {
  readonly #roots: readonly string[];
  readonly #read = new Map<string, Result<Source, readonly ConfigIssue[]>>();

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** The file `<root>/<maker>/<model>.yaml`; undefined when no root has it. */
  find(name: string): string | undefined {
    return this.#roots.map((root) => join(root, `${name}.yaml`)).find((file) => existsSync(file));
  }

  /** Reads a file that {@link find} gave. */
  read(file: string): Result<Source, readonly ConfigIssue[]> {
    const before = this.#read.get(file);
    if (before) return before;
    const yaml = readYaml(file);
    const source = yaml.ok ? ok({ file, root: yaml.value }) : err(yaml.failure);
    this.#read.set(file, source);
    return source;
  }

  /** Names of all profiles there are. */
  names(): readonly string[] {
    const names = this.#roots.flatMap((root) =>
      folderEntries(root).flatMap((maker) =>
        folderEntries(join(root, maker)).flatMap((model) =>
          model.endsWith(".yaml") ? `${maker}/${model.slice(0, -".yaml".length)}` : [],
        ),
      ),
    );
    return [...new Set(names)].toSorted();
  }
}

function folderEntries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no folder, or a file: nothing to offer
  }
}
