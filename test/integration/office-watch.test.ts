import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

describe("a scan that blocks the main thread", () => {
  it("ends the process with SIGKILL after the stall timeout, saying why", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", "test/fixtures/office/stalled-main.ts"], {
      stdio: ["ignore", "inherit", "pipe"],
    });
    const [said, exit] = await Promise.all([text(child.stderr), once(child, "exit")]);
    assert.deepEqual(exit, [null, "SIGKILL"]);
    assert.match(said, /"event":"scan.stalled","after":500/);
    assert.match(said, /no scan cycle completed for 2000 ms; ending the process/);
  });

  it("is ended too where it holds the only processor, at real-time priority if that is permitted", async () => {
    const child = spawn(
      "taskset",
      ["--cpu-list", "0", process.execPath, "--import", "tsx", "test/fixtures/office/spinning-main.ts"],
      { stdio: ["ignore", "inherit", "pipe"] },
    );
    const deadline = setTimeout(() => child.kill("SIGTERM"), 15_000);
    const [said, exit] = await Promise.all([text(child.stderr), once(child, "exit")]);
    clearTimeout(deadline);
    assert.deepEqual(exit, [null, "SIGKILL"], said);
    assert.match(said, /no scan cycle completed for 2000 ms; ending the process/);
  });
});
