import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { eventually } from "../support/processes/eventually.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { peer, programPath } from "../support/processes/peers.ts";
import type { Program } from "../support/processes/program.ts";
import { BELT, type Content, SimulatedSite } from "../support/processes/simulated-site.ts";
import { SITE_ROOT } from "../support/processes/takt.ts";

const run = promisify(execFile);

describe("alarms of takt run on a real mosquitto", () => {
  let plant: SimulatedSite;
  let takt: Program;
  let port: string;

  before(peer("mosquitto", "mosquitto_pub", "mosquitto_sub"));

  before(async () => {
    const mosquitto = await Mosquitto.start();
    port = String(mosquitto.port);
    plant = await SimulatedSite.start({ port: mosquitto.port, close: () => mosquitto.dispose() });
    takt = plant.site.run();
    await plant.good();
  });

  after(async () => {
    await takt.kill();
    await plant.dispose();
  });

  /** What somebody finds who comes now. */
  async function retained(): Promise<readonly Content[]> {
    const args = ["-p", port, "-t", `${BELT}/alarms`, "-C", "1", "-W", "10"];
    const { stdout } = await run(programPath("mosquitto_sub") ?? "mosquitto_sub", args);
    return (JSON.parse(stdout) as { readonly alarms: readonly Content[] }).alarms;
  }

  /** The jam as the broker keeps it, once its list has told this state. */
  async function listed(state: string): Promise<Content | undefined> {
    const isJam = (alarm: Content): boolean => alarm["alarm"] === "jammed" && alarm["state"] === state;
    await plant.told(`${BELT}/alarms`, ({ alarms }) => (alarms as readonly Content[]).some(isJam));
    return (await retained()).find(isJam);
  }

  const publish = async (payload: object, ...more: readonly string[]): Promise<unknown> =>
    run(programPath("mosquitto_pub") ?? "mosquitto_pub", [
      ...["-p", port, "-q", "1", "-t", `${BELT}/cmd/ack`, "-m", JSON.stringify(payload)],
      ...more,
    ]);

  const told = (event: string): Promise<Content> =>
    plant.told(`${SITE_ROOT}/_gw/event`, (content) => content["event"] === event);

  it("are kept for who comes later, acknowledged by mosquitto_pub, and told as events", async () => {
    await eventually(() => {
      plant.simulation.world.belts[0]?.jam();
      return plant.belt.flag("jam");
    }, 10_000);
    await told("alarm.raised");
    const raised = await listed("unacknowledged");
    assert.deepEqual([raised?.["state"], raised?.["priority"]], ["unacknowledged", "high"]);

    await publish({ id: "k0" }, "-r");
    const refused = await plant.told(`${BELT}/res/k0`);
    assert.match(String(refused["reason"]), /^a retained acknowledgement/);
    assert.equal((await retained())[0]?.["state"], "unacknowledged");

    await publish({ id: "k1", alarms: ["jammed"], by: "maria" });
    assert.equal((await told("alarm.acknowledged"))["by"], "maria");
    assert.equal((await listed("acknowledged"))?.["by"], "maria");
  });
});
