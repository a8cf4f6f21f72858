import assert from "node:assert/strict";
import { Program } from "../support/processes/program.ts";
import { SimulatedSite } from "../support/processes/simulated-site.ts";
import { REPOSITORY, SITE_ROOT, startTakt } from "../support/processes/takt.ts";

describe("takt whose output nobody reads any more", () => {
  let plant: SimulatedSite;
  let takt: Program;

  beforeEach(async () => {
    plant = await SimulatedSite.start();
    takt = plant.site.run();
    await plant.good();
  });

  afterEach(async () => {
    await takt.kill();
    await plant.dispose();
  });

  it("run: masters on, and stops in order", async () => {
    takt.child.stdout?.destroy();
    takt.child.stderr?.destroy();
    assert.equal((await plant.command("c1", { speedSetpoint: 0.5 }))["outcome"], "verified");
    assert.deepEqual(await takt.stop("SIGTERM"), { code: 0, signal: null });
    assert.deepEqual([plant.belt.get("run"), plant.belt.get("speedSetpoint")], [false, 0]);
  });

  it("monitor: ends", async () => {
    const monitor = startTakt(["monitor", "--url", `mqtt://127.0.0.1:${plant.broker.port}`, "--root", SITE_ROOT]);
    try {
      await monitor.said(/belt/);
      monitor.child.stdout?.destroy();
      assert.deepEqual(await monitor.end(), { code: 0, signal: null });
      assert.equal(monitor.err, "");
    } finally {
      await monitor.kill();
    }
  });

  it("check: ends without a stack", async () => {
    const args = ["-c", "node --import tsx src/app/takt.ts check config/demo/plant.yaml --json | true"];
    const pipe = Program.start("sh", args, { cwd: REPOSITORY });
    assert.equal((await pipe.end()).code, 0);
    assert.doesNotMatch(pipe.err, /EPIPE/);
  });
});
