import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ArmSite } from "../support/jobs/arm-site.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { peer, programPath } from "../support/processes/peers.ts";
import { Program } from "../support/processes/program.ts";
import { SITE_ROOT } from "../support/processes/takt.ts";

const run = promisify(execFile);
const POOL = `${SITE_ROOT}/_pool/pickers`;

describe("jobs of takt run on a real mosquitto", () => {
  let arms: ArmSite;
  let takt: Program;
  let watcher: Program;
  let port: number;

  before(peer("mosquitto", "mosquitto_pub", "mosquitto_sub"));

  before(async () => {
    const mosquitto = await Mosquitto.start();
    port = mosquitto.port;
    arms = await ArmSite.start({ arms: 3, broker: { port, close: () => mosquitto.dispose() } });
    watcher = watch("-t", "#");
    takt = arms.site.run();
    await watcher.said(new RegExp(`^${SITE_ROOT}/_gw/status .*"online"`, "m"));
    // Before that an order goes to whichever of them was seen first.
    for (const arm of arms.simulation.devices) await told(`${SITE_ROOT}/${arm}/state`, '"ready":true,.*"bootId":\\d');
  });

  after(async () => {
    await takt.kill();
    await watcher.kill();
    await arms.dispose();
  });

  const watch = (...args: readonly string[]): Program =>
    Program.start(programPath("mosquitto_sub") ?? "mosquitto_sub", ["-p", String(port), "-q", "1", "-v", ...args]);

  const publish = async (leaf: "job" | "decide", payload: object, ...more: readonly string[]): Promise<void> => {
    const message = ["-t", `${POOL}/${leaf}`, "-m", JSON.stringify(payload), "-q", "1", ...more];
    await run(programPath("mosquitto_pub") ?? "mosquitto_pub", ["-p", String(port), ...message]);
  };

  /** The next message of a topic that has this in it, as an object. */
  async function told(topic: string, part: string, from = 0): Promise<Record<string, unknown>> {
    const pattern = new RegExp(`^${topic} (\\{.*${part}.*\\})$`, "m");
    const [, text = ""] = await watcher.said(pattern, { from, deadline: 30_000 });
    return JSON.parse(text) as Record<string, unknown>;
  }

  it("go from mosquitto_pub into the mailbox of an arm, and how they end comes back", async () => {
    await publish("job", { id: "b1", job: "carry", parameters: { box: 1 }, labels: { parcel: "DE-17" } });
    const { ms, ...result } = await told(`${POOL}/res/b1`, "outcome");
    assert.deepEqual(result, { id: "b1", outcome: "done", result: "done", device: "picker1", attempts: 1 });
    assert.ok(Number(ms) > 0);
    assert.deepEqual(arms.entries, [{ arm: "picker1", command: "carry", box: 1, ended: "done" }]);
    // the result goes first
    await told(`${POOL}/event`, '"id":"b1".*"state":"done"');
    const states = [...watcher.out.matchAll(/\/_pool\/pickers\/event .*"id":"b1".*"state":"(\w+)"/g)].map(([, s]) => s);
    assert.deepEqual([states[0], states[1], states[2], states.at(-1)], ["queued", "assigned", "sent", "done"]);
    assert.match(watcher.out, /pickers\/event .*"labels":\{"parcel":"DE-17"\}/);
  });

  it("are answered with the first outcome when their id comes again, and nothing is done", async () => {
    const before = arms.entries.length;
    const from = watcher.out.length;
    await publish("job", { id: "b1", job: "carry", parameters: { box: 1 }, labels: { parcel: "DE-17" } });
    assert.equal((await told(`${POOL}/res/b1`, "outcome", from))["outcome"], "done");
    const later = watcher.out.length;
    await publish("job", { id: "b1", job: "carry", parameters: { box: 2 } });
    const other = await told(`${POOL}/res/b1`, "rejected", later);
    assert.equal(other["reason"], 'id "b1" was already used for another job');
    assert.equal(arms.entries.length, before);
  });

  it("are refused when they are retained, and answered on the response topic with the correlation data", async () => {
    const answers = watch("-V", "5", "-t", "mes/answers", "-F", "%D %p", "-C", "1");
    const reply = [
      "-V",
      "5",
      "-D",
      "publish",
      "response-topic",
      "mes/answers",
      "-D",
      "publish",
      "correlation-data",
      "x7",
    ];
    try {
      await publish("job", { id: "b2", job: "carry", parameters: { box: 2 } }, "-r", ...reply);
      await answers.said(/^x7 \{"id":"b2","outcome":"rejected","reason":"a retained message/m);
    } finally {
      await answers.kill();
      await run(programPath("mosquitto_pub") ?? "mosquitto_pub", ["-p", String(port), "-t", `${POOL}/job`, "-r", "-n"]);
    }
  });

  const wrong: readonly (readonly [payload: Record<string, unknown>, reason: RegExp])[] = [
    [{ id: "w1", job: "cary" }, /unknown job "cary"; did you mean "carry"/],
    [{ id: "w2", job: "carry" }, /parameter "box" is missing/],
    [{ id: "w3", job: "carry", parameters: { box: 1, weight: 2 } }, /carry has no parameter "weight"/],
    [{ id: "w4", job: "home", notAfter: 1000 }, /expired/],
  ];
  for (const [payload, reason] of wrong) {
    it(`are rejected with a reason that helps: ${String(reason)}`, async () => {
      await publish("job", payload);
      assert.match(String((await told(`${POOL}/res/${String(payload["id"])}`, "rejected"))["reason"]), reason);
    });
  }

  it("are quarantined when their arms fall silent, and a person decides", async function () {
    this.timeout(60_000);
    const ids = ["q1", "q2", "q3"];
    for (const [index, id] of ids.entries())
      await publish("job", { id, job: "carry", parameters: { box: 10 + index } });
    for (const id of ids) await told(`${POOL}/event`, `"id":"${id}".*"state":"running"`);
    for (const name of arms.simulation.devices) arms.simulation.device(name).fault({ kind: "silent" });
    for (const id of ids) await told(`${POOL}/event`, `"id":"${id}".*"state":"quarantined"`);
    const state = await told(`${POOL}/state`, '"quarantined":3');
    const named = state["quarantine"] as readonly { readonly id: string; readonly reason: string }[];
    assert.deepEqual(named.map(({ id }) => id).toSorted(), ids);
    assert.match(named[0]?.reason ?? "", /^picker\d: the device is silent$/);
    for (const [index, decision] of (["retry", "skip", "done"] as const).entries()) {
      await publish("decide", { id: `d${index}`, job: ids[index], decision, by: "anna" });
      assert.deepEqual(await told(`${POOL}/decided/d${index}`, "outcome"), { id: `d${index}`, outcome: "decided" });
    }
    assert.deepEqual((await told(`${POOL}/res/q2`, "outcome"))["reason"], "skipped by anna");
    assert.deepEqual((await told(`${POOL}/res/q3`, "outcome"))["reason"], "done, as anna says");
    await publish("decide", { id: "d9", job: "q3", decision: "retry" });
    assert.equal((await told(`${POOL}/decided/d9`, "outcome"))["reason"], "it is done, not quarantined");
    for (const name of arms.simulation.devices) arms.simulation.device(name).heal();
    const again = await told(`${POOL}/res/q1`, "outcome");
    assert.equal(again["outcome"], "done");
    // An arm that has just come back may say that it is not ready yet
    assert.ok(Number(again["attempts"]) >= 2);
  });

  /** What somebody finds who comes now, or is told next, once nothing is under way: how the last job ended is counted. */
  async function found(): Promise<Record<string, unknown>> {
    const late = watch("-t", `${POOL}/state`, "-F", "%p");
    const [text = ""] = await late.said(/^\{.*"working":0,"unknown":0,"quarantined":0,.*\}$/m);
    await late.kill();
    return JSON.parse(text) as Record<string, unknown>;
  }

  it("are counted in the state of the pool, which whoever comes later finds retained", async () => {
    const before = await found();
    const orders = Number(before["orders"]) + 1;
    await publish("job", { id: "c1", job: "carry", parameters: { box: 20 } });
    await told(`${POOL}/res/c1`, "done");
    await told(`${POOL}/state`, `"working":0,.*"orders":${orders},"done":${Number(before["done"]) + 1},`);
    const { devices, queued, failed, quarantine } = await found();
    assert.deepEqual([queued, failed, quarantine], [0, before["failed"], []]);
    const each = Object.values(devices as Record<string, { done: number; failed: number; mean?: number }>);
    assert.equal(
      each.reduce((sum, { done, failed }) => sum + done + failed, 0),
      orders,
    );
    assert.ok(each.some(({ mean = 0 }) => mean > 500));
  });
});
