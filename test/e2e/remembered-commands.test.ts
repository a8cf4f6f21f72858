import assert from "node:assert/strict";
import { BELT, SimulatedSite } from "../support/processes/simulated-site.ts";

describe("takt run, killed and started again", () => {
  let plant: SimulatedSite;

  beforeEach(async () => {
    plant = await SimulatedSite.start();
  });

  afterEach(async () => {
    await plant.dispose();
  });

  const again = async (): Promise<void> => {
    await plant.kill();
    await plant.run();
  };

  const jogs = (): number => plant.writes.filter((tag) => tag === "jog").length;

  async function ask(id: string, set: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const from = plant.listener.heard.length;
    await plant.listener.client.publishAsync(`${BELT}/cmd/set`, JSON.stringify({ id, set }), { qos: 1 });
    return plant.told(`${BELT}/res/${id}`, undefined, from);
  }

  it("answers an id that comes again with the first outcome, and does nothing", async () => {
    await plant.run();
    const first = await ask("c1", { jog: true });
    assert.equal(first["outcome"], "acknowledged");
    await again();
    assert.deepEqual(await ask("c1", { jog: true }), first);
    assert.equal(jogs(), 1);
    const other = await ask("c1", { speedSetpoint: 0.1 });
    assert.equal(other["outcome"], "rejected");
    assert.match(String(other["reason"]), /used with other content/);
    assert.equal((await ask("c2", { jog: true }))["outcome"], "acknowledged");
    assert.equal(jogs(), 2);
  });
});
