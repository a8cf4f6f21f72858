import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { peer, programPath } from "../support/processes/peers.ts";
import type { Program } from "../support/processes/program.ts";
import { BELT, type Content, SimulatedSite } from "../support/processes/simulated-site.ts";
import { startTakt } from "../support/processes/takt.ts";

const run = promisify(execFile);

describe("commands of takt run on a real mosquitto", () => {
  let plant: SimulatedSite;
  let takt: Program;
  let port: number;

  before(peer("mosquitto", "mosquitto_pub"));

  before(async () => {
    const mosquitto = await Mosquitto.start();
    port = mosquitto.port;
    plant = await SimulatedSite.start({ port, close: () => mosquitto.dispose() });
    takt = plant.site.run();
    await plant.good();
  });

  after(async () => {
    await takt.kill();
    await plant.dispose();
  });

  const publish = async (request: string, payload: object, ...more: readonly string[]): Promise<void> => {
    const message = ["-t", `${BELT}/cmd/${request}`, "-m", JSON.stringify(payload), "-q", "1", ...more];
    await run(programPath("mosquitto_pub") ?? "mosquitto_pub", ["-p", String(port), ...message]);
  };

  const call = async (payload: Content & { readonly id: string }): Promise<Content> => {
    const from = plant.listener.heard.length;
    await publish("call", payload);
    return plant.told(`${BELT}/res/${payload.id}`, undefined, from);
  };

  it("go from mosquitto_pub to the slave's registers and back to the answer", async () => {
    const answer = await call({ id: "a1", call: "start", args: { speed: 0.6 }, ttl: "2s" });
    assert.equal(answer["outcome"], "verified", String(answer["reason"]));
    assert.equal(plant.belt.get("speedSetpoint"), 0.6);
    assert.equal(plant.belt.get("run"), true);
    assert.deepEqual(Object.keys(answer["results"] ?? {}), ["speedSetpoint", "run"]);
  });

  it("are answered with the first outcome when they come again, and nothing is written", async () => {
    const first = await call({ id: "a2", call: "start", args: { speed: 0.5 } });
    const before = plant.writes.filter((tag) => tag === "speedSetpoint").length;
    const again = await call({ id: "a2", call: "start", args: { speed: 0.5 } });
    assert.deepEqual({ ...again, ms: 0 }, { ...first, ms: 0 });
    assert.equal(plant.writes.filter((tag) => tag === "speedSetpoint").length, before);
  });

  it("are refused when they are retained, and answered on the response topic with the correlation data", async () => {
    await publish(
      "call",
      { id: "a3", call: "jog" },
      "-r",
      "-V",
      "mqttv5",
      "-D",
      "publish",
      "response-topic",
      "me/answers",
    );
    const answer = await plant.told("me/answers");
    assert.match(String(answer["reason"]), /^a retained command/);
    await publish("call", { id: "a4", call: "stop" }, "-V", "mqttv5", "-D", "publish", "response-topic", "me/others");
    assert.equal((await plant.told("me/others"))["outcome"], "verified");
    assert.equal(plant.belt.get("run"), false);
  });

  it("are told with what they wrote, by whom, in the audit, and what there is in meta", async () => {
    await call({ id: "a5", call: "start" });
    const audit = await plant.told("takt/site/_gw/event", ({ event, id, what }) => {
      return event === "audit" && id === "a5" && what === "call";
    });
    assert.deepEqual([audit["origin"], audit["command"], audit["outcome"]], ["mqtt", "start", "verified"]);
    const meta = await plant.told(`${BELT}/meta`);
    assert.deepEqual(Object.keys(meta["commands"] ?? {}), ["start", "stop", "jog", "resetFault"]);
  });

  it("come from takt call as well, through the running master", async () => {
    const env = { TAKT_RUNTIME_DIR: plant.site.path("run") };
    const list = startTakt(["call", "belt"], env);
    assert.equal((await list.end()).code, 0, list.err);
    assert.match(list.out, /start +\[speed=<0\.05\.\.2 m\/s> 0\.5\] +run at a speed/);
    const stop = startTakt(["call", "belt", "stop", "--json"], env);
    assert.equal((await stop.end()).code, 0, stop.err);
    assert.equal((JSON.parse(stop.out) as Content)["outcome"], "verified");
    const wrong = startTakt(["call", "belt", "start", "sped=1"], env);
    assert.equal((await wrong.end()).code, 2);
    assert.match(wrong.err, /unknown argument "sped"; did you mean "speed"\?/);
  });
});
