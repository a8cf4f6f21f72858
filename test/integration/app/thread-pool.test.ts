import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { runProgram } from "../../support/processes/program.ts";
import { cleanEnvironment, REPOSITORY } from "../../support/processes/takt.ts";

/** Uses the pool as a program does, and says how many threads the process then has. */
const PROBE = `
import { readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
await stat("/");
console.log(readdirSync("/proc/self/task").length);
`;

const { scripts } = JSON.parse(readFileSync(`${REPOSITORY}/package.json`, "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** The threads of a process that is started as the script of package.json starts takt. */
async function threads(script: string, size: string): Promise<number> {
  const [, options = ""] = /^node (.*) src\/app\/takt\.ts/.exec(scripts[script] ?? "") ?? [];
  const args = [...options.split(" "), "--input-type=module", "--eval", PROBE];
  const { UV_THREADPOOL_SIZE: _, ...clean } = cleanEnvironment();
  const env = size === "" ? clean : { ...clean, UV_THREADPOOL_SIZE: size };
  const { out, err } = await runProgram(process.execPath, args, { cwd: REPOSITORY, env });
  assert.notEqual(out, "", err);
  return Number(out);
}

describe("the thread pool of takt", () => {
  before(function () {
    if (process.platform !== "linux") this.skip();
  });

  for (const script of ["start", "takt"]) {
    it(`has 64 threads under npm run ${script}, or as many as the user says`, async () => {
      const few = await threads(script, "1");
      assert.equal((await threads(script, "")) - few, 63);
      assert.equal((await threads(script, "9")) - few, 8);
    });
  }
});
