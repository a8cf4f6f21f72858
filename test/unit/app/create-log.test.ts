import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../../src/app/logging/create-log.ts";
import { wallTime } from "../../../src/kit/time.ts";

describe("the log", () => {
  it("has written a line when the call returns, at its level and above, and appends to its file", () => {
    const folder = mkdtempSync(join(tmpdir(), "takt-log-"));
    const to = join(folder, "takt.log");
    for (const event of ["first", "second"]) {
      const log = createLog({ level: "warn", format: "json", to });
      for (const level of ["error", "warn", "info", "debug"] as const)
        log.write({ level, event, fields: {} }, wallTime(0));
      log.close();
    }
    const lines = readFileSync(to, "utf8").trimEnd().split("\n");
    rmSync(folder, { recursive: true });
    assert.deepEqual(
      lines.map((line) => (({ level, event }) => `${level} ${event}`)(JSON.parse(line) as Record<string, string>)),
      ["error first", "warn first", "error second", "warn second"],
    );
  });
});
