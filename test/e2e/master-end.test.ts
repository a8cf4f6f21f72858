import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { eventually } from "../support/processes/eventually.ts";
import { BELT, SimulatedSite } from "../support/processes/simulated-site.ts";
import { SITE_ROOT, siteSettings } from "../support/processes/takt.ts";
import { TcpProxy } from "../support/processes/tcp-proxy.ts";

const STATUS = `${SITE_ROOT}/_gw/status`;

describe("takt run, and its end", () => {
  let plant: SimulatedSite;

  beforeEach(async () => {
    plant = await SimulatedSite.start();
  });

  afterEach(async () => {
    await plant.dispose();
  });

  const running = (): boolean => plant.belt.flag("running") && plant.belt.flag("run");

  it("killed: the belt's own watchdog stops it, and the will says that the master is lost", async () => {
    const master = await plant.run();
    assert.equal((await plant.command("c1", { run: true, speedSetpoint: 0.5 }))["outcome"], "verified");
    await eventually(running);
    const from = plant.listener.heard.length;
    await master.kill();
    assert.equal((await plant.told(STATUS, undefined, from))["state"], "lost");
    await eventually(() => plant.belt.flag("watchdogTripped") && !plant.belt.flag("running"), 10_000);
    assert.equal(plant.belt.flag("run"), false);
  });

  it("is not begun a second time under the same name: that one says whose it is, and touches nothing", async () => {
    const first = await plant.run();
    const second = plant.site.run();
    assert.deepEqual(await second.end(), { code: 2, signal: null });
    assert.match(second.out, new RegExp(`gateway \\S+ is running already \\(pid ${first.child.pid}, plant \\S+\\)`));
    assert.equal((await plant.command("c1", { run: true }))["outcome"], "verified");
  });

  it("not ended by a program that fails outside its cycle: that one is stopped, the rest goes on", async () => {
    const careless = `import { program } from "takt/program";
      const look = async (): Promise<void> => { throw new Error("forgotten"); };
      export default program(({ log }) => { log.info("total", { total: 1n } as never); void look(); });`;
    await plant.site.write("careless.ts", careless);
    await plant.site.write(
      "plant.yaml",
      `${readFileSync(plant.site.path("plant.yaml"), "utf8")}programs: [./careless.ts]\n`,
    );
    const from = plant.listener.heard.length;
    await plant.run();
    const stopped = await plant.told(`${SITE_ROOT}/_gw/event`, ({ event }) => event === "program.stopped", from);
    assert.match(String(stopped["reason"]), /forgotten \(careless\.ts:2:\d+\), outside its cycle/);
    assert.equal((await plant.command("c1", { run: true }))["outcome"], "verified");
  });

  it("stopped with SIGTERM: outputs in their safe state, status offline, exit code 0", async () => {
    const master = await plant.run();
    assert.equal((await plant.command("c1", { run: true, speedSetpoint: 0.5 }))["outcome"], "verified");
    const from = plant.listener.heard.length;
    assert.deepEqual(await master.stop("SIGTERM"), { code: 0, signal: null });
    assert.deepEqual([plant.belt.get("run"), plant.belt.get("speedSetpoint")], [false, 0]);
    assert.match(master.out, /takt stopped: SIGTERM\. All outputs with a declared safe value are in it\./);
    assert.equal((await plant.told(STATUS, undefined, from))["state"], "offline");
    assert.ok(!plant.listener.heard.some(({ text }) => text.includes('"lost"')));
  });

  it("stopped while a device is silent: its outputs are listed, exit code 5", async () => {
    const master = await plant.run();
    plant.simulation.device("belt").fault({ kind: "silent" });
    await plant.told(`${BELT}/status`, ({ status }) => status === "offline");
    assert.deepEqual(await master.stop("SIGTERM"), { code: 5, signal: null });
    assert.match(
      master.out,
      /NOT confirmed to be in their safe state:\n {2}belt\.run: .+\n {2}belt\.speedSetpoint: .+/,
    );
  });

  it("stopped while its device is silent and its broker hangs: ends within 3 s, and still says what is not safe", async () => {
    const hung = await TcpProxy.start(plant.broker.port);
    try {
      await plant.site.write("settings.yaml", siteSettings(`mqtt://127.0.0.1:${hung.port}`));
      const master = await plant.run();
      plant.simulation.device("belt").fault({ kind: "silent" });
      hung.stall();
      const asked = Date.now();
      assert.deepEqual(await master.stop("SIGTERM"), { code: 5, signal: null });
      const took = Date.now() - asked;
      assert.ok(took < 3000, `${took} ms`);
      assert.match(master.out, /NOT confirmed to be in their safe state:\n {2}belt\.run: .+/);
    } finally {
      await hung.close();
    }
  });

  it("stopped while a line cannot be reached: its outputs are listed, exit code 5", async () => {
    const master = await plant.run();
    await plant.simulation.close();
    await plant.told(`${BELT}/status`, ({ status }) => status === "offline");
    assert.deepEqual(await master.stop("SIGINT"), { code: 5, signal: null });
    assert.match(
      master.out,
      /NOT confirmed to be in their safe state:\n {2}belt\.run: .+\n {2}belt\.speedSetpoint: .+/,
    );
  });

  it("started again with --hold-outputs before: the belt runs on, and nothing is written but the heartbeat", async () => {
    plant.belt.set("watchdogTimeout", 30);
    const first = await plant.run("--hold-outputs");
    assert.equal((await plant.command("c1", { run: true, speedSetpoint: 0.7 }))["outcome"], "verified");
    await eventually(() => plant.belt.number("speed") > 0.69);
    plant.writes.length = 0;
    assert.deepEqual(await first.stop("SIGTERM"), { code: 0, signal: null });
    assert.match(first.out, /takt stopped: SIGTERM\. Outputs were left as they are\./);
    await plant.run();
    const beats = (): number => plant.writes.filter((tag) => tag === "masterAlive").length;
    const before = beats();
    await eventually(() => {
      assert.ok(running());
      return beats() >= before + 3;
    });
    assert.deepEqual(new Set(plant.writes), new Set(["masterAlive"]));
    assert.equal(plant.belt.number("speedSetpoint").toFixed(3), "0.700");
  });

  it("with --read-only writes nothing ever, not even when it stops", async () => {
    const master = await plant.run("--read-only");
    const answer = await plant.command("c1", { speedSetpoint: 0.7 });
    assert.equal(answer["outcome"], "rejected");
    assert.match(JSON.stringify(answer), /read-only/);
    await plant.told(`${SITE_ROOT}/_gw/stats`, undefined, plant.listener.heard.length);
    await plant.told(`${SITE_ROOT}/_gw/stats`, undefined, plant.listener.heard.length);
    assert.deepEqual(await master.stop("SIGTERM"), { code: 0, signal: null });
    assert.match(master.out, /Nothing was ever written/);
    assert.deepEqual(plant.writes, []);
    assert.equal(plant.belt.get("speedSetpoint"), 0.4);
  });
});
