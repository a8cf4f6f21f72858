import assert from "node:assert/strict";
import { eventually } from "../support/processes/eventually.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { peer } from "../support/processes/peers.ts";
import type { Program } from "../support/processes/program.ts";
import { BELT, SimulatedSite } from "../support/processes/simulated-site.ts";
import { siteSettings } from "../support/processes/takt.ts";

const SAFE_AFTER = 2000;

describe("takt with mqtt.safeAfter, whose mosquitto is killed", () => {
  let mosquitto: Mosquitto;
  let plant: SimulatedSite;
  let takt: Program;

  before(peer("mosquitto"));

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    plant = await SimulatedSite.start({ port: mosquitto.port, close: () => mosquitto.dispose() });
    const settings = siteSettings(mosquitto.url).replace(/mqtt: \{ /, `mqtt: { safeAfter: ${SAFE_AFTER}ms, `);
    await plant.site.write("settings.yaml", settings);
    takt = plant.site.run();
    await plant.good();
  });

  afterEach(async () => {
    await takt.kill();
    await plant.dispose();
  });

  it("stops the belt after that time and not before, keeps its watchdog fed, and takes commands once the broker is back", async function () {
    this.timeout(60_000);
    assert.equal((await plant.command("r1", { run: true, speedSetpoint: 0.5 }))["outcome"], "verified");
    const { belt, listener } = plant;
    let stoppedAt: number | undefined;
    belt.onWrite(["run"], () => (stoppedAt ??= performance.now()));
    const from = listener.heard.length;
    const killedAt = performance.now();
    await mosquitto.kill();
    await eventually(() => !belt.flag("run"), 15_000);
    assert.ok(stoppedAt !== undefined && stoppedAt - killedAt >= SAFE_AFTER - 100);
    assert.equal(belt.flag("watchdogTripped"), false);
    const beats = plant.writes.length;
    await eventually(() => plant.writes.slice(beats).includes("masterAlive"));
    await mosquitto.start();
    await eventually(() => listener.client.connected, 10_000);
    await listener.client.subscribeAsync({ "#": { qos: 1, rap: true } });
    await plant.told(`${BELT}/status`, ({ status }) => status === "online", from);
    assert.equal(belt.flag("run"), false);
    assert.equal((await plant.command("r2", { run: true }))["outcome"], "verified");
    assert.equal(belt.flag("run"), true);
    // Over MQTT it is told as soon as the broker is back, which the listener may not have noticed yet.
    assert.match(await plant.site.log(), /"mqtt\.missed"/);
    assert.deepEqual(await takt.stop(), { code: 0, signal: null });
  });
});
