import { ClassicLevel } from "classic-level";
import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, type DiskChange, DiskError, type DiskFault, type DiskKind, type DiskRecord } from "./disk.ts";

/** LevelDB in a folder of its own, which it locks. */
export const levelDisk: DiskKind = {
  async open(folder) {
    const level = await told(async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await checkCurrent(folder);
      // It begins to open as soon as it is made.
      const made = new ClassicLevel(folder, { keyEncoding: "utf8", valueEncoding: "utf8" });
      await made.open();
      return made;
    });
    return { disk: new LevelDisk(level), losses: await losses(folder) };
  },
  repair: (folder) => told(() => ClassicLevel.repair(folder)),
  async setAside(folder) {
    for (let number = 1; ; number++) {
      const aside = `${folder}.damaged-${number}`;
      try {
        await rename(folder, aside);
        return aside;
      } catch (error) {
        if (!isTaken(error)) throw toDiskError(error);
      }
    }
  },
};

class LevelDisk implements Disk {
  readonly #level: ClassicLevel;

  constructor(level: ClassicLevel) {
    this.#level = level;
  }

  async *read(from: string, below: string): AsyncIterable<DiskRecord> {
    try {
      yield* this.#level.iterator({ gte: from, lt: below });
    } catch (error) {
      throw toDiskError(error);
    }
  }

  write(changes: readonly DiskChange[], sync: boolean): Promise<void> {
    const operations = changes.map(([key, value]) =>
      value === undefined ? ({ type: "del", key } as const) : ({ type: "put", key, value } as const),
    );
    return told(() => this.#level.batch(operations, { sync }));
  }

  close(): Promise<void> {
    return told(() => this.#level.close());
  }
}

/** Where the file that names the newest state is lost, LevelDB would begin anew and delete the tables that are there. */
async function checkCurrent(folder: string): Promise<void> {
  const files = await readdir(folder);
  if (!files.includes("CURRENT") && files.some((file) => file.endsWith(".ldb")))
    throw new DiskError("corrupt", `${join(folder, "CURRENT")} is missing`);
}

/** LevelDB passes over damaged parts of its journal and says so in its own log only. */
async function losses(folder: string): Promise<readonly string[]> {
  const log = await readFile(join(folder, "LOG"), "utf8").catch(() => "");
  return log
    .split("\n")
    .filter((line) => /: dropping \d+ bytes; |Ignoring error/.test(line))
    .map((line) => line.replace(/^\S+ \S+ /, ""));
}

async function told<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toDiskError(error);
  }
}

const FAULTS: ReadonlyMap<unknown, DiskFault> = new Map([
  ["LEVEL_LOCKED", "locked"],
  ["LEVEL_CORRUPTION", "corrupt"],
]);

/** One of its own files is not there. */
const MISSING = /^IO error: .*\/(MANIFEST-|\d+\.(ldb|sst|log)).*: No such file/;

/** abstract-level wraps what happened when it opens. */
function toDiskError(error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = inner instanceof Error ? inner.message : String(inner);
  return new DiskError(FAULTS.get(codeOf(inner)) ?? (MISSING.test(message) ? "corrupt" : "failed"), message);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function isTaken(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(String(codeOf(error)));
}
