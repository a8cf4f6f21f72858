import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { type SchedulingOptions, scheduleScanThread } from "../../../src/app/scan/schedule-scan-thread.ts";
import { systemClock } from "../../../src/kit/system-clock.ts";
import { ms } from "../../../src/kit/time.ts";
import type { Scheduling } from "../../../src/link/scheduling.ts";
import { runProgram } from "../../support/processes/program.ts";
import { Site } from "../../support/processes/takt.ts";

const FIFO = 1;

describe("real-time priority for the scan's thread", () => {
  let site: Site;
  before(async () => (site = await Site.create({})));
  after(() => site.dispose());

  const asked = async (script: string, more: Partial<SchedulingOptions> = {}): Promise<Scheduling> => {
    const program = site.path("chrt");
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    return scheduleScanThread("auto", { clock: systemClock, program, ...more });
  };
  const refused = (scheduling: Scheduling): string => {
    assert.ok(scheduling.mode === "normal");
    assert.match(scheduling.mend ?? "", /LimitRTPRIO=10 or CAP_SYS_NICE/);
    return scheduling.reason;
  };

  it("goes to the main thread alone, not to threads that were there before or come later", async function () {
    const { out, err } = await runProgram(process.execPath, [
      "--import",
      "tsx",
      "test/fixtures/office/scheduled-main.ts",
    ]);
    assert.match(out, /^\{/, err);
    const { scheduling, policies } = JSON.parse(out) as {
      scheduling: Scheduling;
      policies: { main: boolean; policy: number }[];
    };
    if (scheduling.mode === "normal") this.skip();
    assert.ok(policies.length > 5);
    for (const { main, policy } of policies) assert.equal(policy === FIFO, main);
  });

  it("is asked for this process, as chrt understands it", async () => {
    const scheduling = await asked(
      `[ "$*" = "--fifo --reset-on-fork --pid 10 ${process.pid}" ] || { echo "$*" >&2; exit 1; }`,
    );
    assert.deepEqual(scheduling, { mode: "fifo", priority: 10 });
  });

  it("is not asked for where the settings say off", async () => {
    const scheduling = await scheduleScanThread("off", { clock: systemClock, program: "/nowhere/chrt" });
    assert.deepEqual(scheduling, { mode: "normal", reason: "scan.realTime is off" });
  });

  it("is refused with chrt's own words", async () => {
    const reason = refused(
      await asked('echo "chrt: failed to set pid 1\'s policy: Operation not permitted" >&2; exit 1'),
    );
    assert.equal(reason, "chrt: failed to set pid 1's policy: Operation not permitted");
  });

  it("is not had where chrt is missing", async () => {
    assert.equal(refused(await asked("", { program: "/nowhere/chrt" })), "/nowhere/chrt is not installed");
  });

  it("is not waited for when chrt hangs", async () => {
    assert.match(refused(await asked("exec sleep 600", { patience: ms(50) })), /chrt did not end within 50 ms$/);
  });

  it("is not waited for when what chrt started keeps its outputs open", async () => {
    assert.match(refused(await asked("sleep 3 & exit 0", { patience: ms(50) })), /within 50 ms$/);
  });
});
