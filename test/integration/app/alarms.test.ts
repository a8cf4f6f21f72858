import assert from "node:assert/strict";
import { eventually } from "../../support/processes/eventually.ts";
import { BELT, SimulatedSite } from "../../support/processes/simulated-site.ts";
import { SITE_ROOT } from "../../support/processes/takt.ts";

type Content = Readonly<Record<string, unknown>>;

describe("an alarm of the demo's conveyor", () => {
  let plant: SimulatedSite;

  beforeEach(async () => {
    plant = await SimulatedSite.start();
  });

  afterEach(async () => {
    await plant.dispose();
  });

  /** The list of the belt's alarms once `jammed` is in this state; undefined: once it is in none. */
  async function jammed(state: string | undefined, from: number): Promise<Content | undefined> {
    const find = (content: Content): Content | undefined =>
      (content["alarms"] as readonly Content[]).find(({ alarm }) => alarm === "jammed");
    return find(await plant.told(`${BELT}/alarms`, (content) => find(content)?.["state"] === state, from));
  }

  const acknowledge = async (ask: Content): Promise<void> => {
    await plant.listener.client.publishAsync(`${BELT}/cmd/ack`, JSON.stringify(ask), { qos: 1 });
  };

  /** A box tips over under the light curtain; the controller stops the belt by itself. */
  const jam = (): Promise<unknown> =>
    eventually(() => {
      plant.simulation.world.belts[0]?.jam();
      return plant.belt.flag("jam");
    }, 10_000);

  it("is raised by a jam, acknowledged by name over a restart of the master, and latched until it is seen gone", async () => {
    await plant.run();
    await jammed(undefined, 0);
    await jam();
    const raised = await jammed("unacknowledged", 0);
    assert.deepEqual([raised?.["priority"], raised?.["text"]], ["high", "Belt jammed"]);
    const event = await plant.told(`${SITE_ROOT}/_gw/event`, ({ event }) => event === "alarm.raised");
    assert.deepEqual([event["device"], event["alarm"], event["from"]], ["belt", "jammed", "normal"]);

    await acknowledge({ id: "k0", alarms: ["jamed"] });
    const refused = await plant.told(`${BELT}/res/k0`);
    assert.deepEqual([refused["outcome"], refused["reason"]], ["rejected", 'unknown alarm "jamed" of belt']);
    await acknowledge({ id: "k1", alarms: ["jammed"], by: "maria" });
    assert.equal((await jammed("acknowledged", 0))?.["by"], "maria");

    const from = plant.listener.heard.length;
    await plant.kill();
    await plant.run();
    const kept = await jammed("acknowledged", from);
    assert.equal(kept?.["by"], "maria");
    // The wall clock and the monotonic one are read one after the other, in either process; a busy machine comes between.
    const apart = Math.abs(Number(kept["raised"]) - Number(raised?.["raised"]));
    assert.ok(apart < (Date.now() - Number(raised?.["raised"])) / 2, `raised ${apart} ms apart`);
    assert.equal((await plant.command("c1", { resetFault: true }))["outcome"], "acknowledged");
    await jammed("latched", from);
    await acknowledge({ id: "k2" });
    await plant.told(`${SITE_ROOT}/_gw/event`, ({ event }) => event === "alarm.cleared", from);
    await jammed(undefined, from);
  });
});
