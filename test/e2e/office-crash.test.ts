import assert from "node:assert/strict";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import { ScanSide } from "../../src/app/scan/scan-side.ts";
import { silentLogger } from "../../src/kit/logger.ts";
import { seededRandom } from "../../src/kit/random.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { ms, plus } from "../../src/kit/time.ts";
import type { SampleBatch } from "../../src/link/messages.ts";
import { NO_LAST_STRETCH } from "../../src/scan/cycle/pacemaker.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { BELT, SimulatedSite } from "../support/processes/simulated-site.ts";
import { SITE_ROOT } from "../support/processes/takt.ts";

/** Both threads of a master in this process, so that one of them can be made to crash. */
async function master(plant: SimulatedSite): Promise<{ readonly office: Office; readonly stop: () => Promise<void> }> {
  const office = await startOffice(officeBrief(plant.plant, `mqtt://127.0.0.1:${plant.broker.port}`, SITE_ROOT));
  const scan = new ScanSide({
    plant: plant.plant,
    link: office.link,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    lastStretch: NO_LAST_STRETCH,
    readOnly: false,
    statsInterval: ms(500),
    onCycle: () => undefined,
    onBroken: (error) => assert.fail(String(error)),
  });
  scan.start();
  return {
    office,
    async stop() {
      await scan.stop({ holdOutputs: false, by: plus(systemClock.now(), ms(1500)) });
      await office.link.stopped();
    },
  };
}

/** Of a tag that no plant has: a contradiction of ours, which no office survives. */
const poison: SampleBatch = {
  kind: "samples",
  cycle: 1,
  samples: [{ tag: 9999, value: 1, quality: "good", reason: "ok", sourceTime: undefined }],
  renewed: [],
};

describe("a master whose office crashes", () => {
  it("scans on, and the next office publishes everything and takes commands", async () => {
    const plant = await SimulatedSite.start();
    const { office, stop } = await master(plant);
    try {
      const before = await plant.good();
      assert.equal((await plant.command("c1", { run: true, speedSetpoint: 0.5 }))["outcome"], "verified");
      const from = plant.listener.heard.length;
      const beats = plant.writes.length;
      office.link.samples(poison);
      assert.equal((await plant.told(`${SITE_ROOT}/_gw/status`, undefined, from))["state"], "lost");
      await plant.told(`${SITE_ROOT}/_gw/status`, ({ state }) => state === "online", from);
      const after = await plant.good(from);
      assert.deepEqual(Object.keys(after["values"] ?? {}), Object.keys(before["values"] ?? {}));
      assert.equal((await plant.told(`${BELT}/status`, undefined, from))["status"], "online");
      await plant.told(`${BELT}/meta`, undefined, from);
      assert.equal((await plant.command("c2", { speedSetpoint: 0.3 }))["outcome"], "verified");
      assert.ok(plant.writes.length > beats && !plant.belt.flag("watchdogTripped") && plant.belt.flag("run"));
    } finally {
      await stop();
      await plant.dispose();
    }
  });
});
