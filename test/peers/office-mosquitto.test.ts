import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { instant, ms } from "../../src/kit/time.ts";
import type { SampleChange } from "../../src/link/messages.ts";
import { eventually } from "../support/processes/eventually.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { peer } from "../support/processes/peers.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { tagLike } from "../support/plants/tag.ts";
import { TcpProxy } from "../support/processes/tcp-proxy.ts";

const ROOT = "takt/test";

const plant = plantOf([
  deviceOf("belt", [
    tagLike({ name: "speed", unit: "m/s" }),
    tagLike({ name: "total", type: "uint64" }),
    tagLike({ name: "level" }),
  ]),
]);

const good = (tag: number, value: number | bigint, sourceTime = systemClock.now()): SampleChange => ({
  tag,
  value,
  quality: "good",
  reason: "ok",
  sourceTime,
});

const batch = (...samples: SampleChange[]) => ({ kind: "samples", cycle: 1, samples, renewed: [] }) as const;

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe("the office on a real mosquitto", () => {
  let mosquitto: Mosquitto;
  let proxy: TcpProxy;
  let listener: MqttListener;
  let office: Office;

  before(peer("mosquitto"));

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    proxy = await TcpProxy.start(mosquitto.port);
    listener = await MqttListener.connect(mosquitto.url);
    office = await startOffice(officeBrief(plant, `mqtt://127.0.0.1:${proxy.port}`, ROOT));
    await listener.on(`${ROOT}/belt/state`);
  });

  afterEach(async () => {
    await office.link.stopped();
    await listener.end();
    await proxy.close();
    await mosquitto.dispose();
  });

  it("publishes a batch as data of its device, 64-bit values exact", async () => {
    const now = systemClock.now();
    const level = { tag: 2, value: null, quality: "bad", reason: "offline", sourceTime: undefined } as const;
    office.link.samples(batch(good(0, 0.42, now), good(1, 2n ** 64n - 1n, instant(now - 18)), level));
    const { text, packet } = await listener.on(`${ROOT}/belt/data`);
    const { ts, ...rest } = json(text);
    assert.deepEqual(rest, {
      seq: 1,
      values: { speed: 0.42, total: "18446744073709551615", level: null },
      bad: { level: "offline" },
      dt: { total: -18 },
    });
    assert.ok(Math.abs(Date.now() - Number(ts)) < 5000);
    assert.deepEqual([packet.qos, packet.retain], [1, false]);
  });

  it("leaves to a late subscriber what is retained, and nothing else", async () => {
    office.link.device({ device: "belt", status: "online", since: systemClock.now(), reason: undefined });
    office.link.samples(batch(good(0, 1)));
    office.link.event({ event: "e", at: systemClock.now(), fields: {} });
    await listener.on(`${ROOT}/_gw/event`);
    await listener.on(`${ROOT}/belt/data`);
    const late = await MqttListener.connect(mosquitto.url);
    await eventually(() => late.heard.length >= 5);
    await late.end();
    const topics = late.heard.filter(({ packet }) => packet.retain).map(({ topic }) => topic.slice(ROOT.length + 1));
    assert.deepEqual(topics.sort(), ["_gw/info", "_gw/status", "belt/meta", "belt/state", "belt/status"]);
    assert.deepEqual(
      late.heard.filter(({ packet }) => !packet.retain && /data|event/.test(packet.topic)),
      [],
    );
  });

  it("is said to be lost by its will, and online again when it is back", async () => {
    const from = listener.heard.length;
    proxy.cut();
    assert.equal(json((await listener.on(`${ROOT}/_gw/status`, from)).text)["state"], "lost");
    const lost = listener.heard.length;
    const back = await listener.on(`${ROOT}/_gw/status`, lost);
    assert.deepEqual([json(back.text)["state"], back.packet.retain], ["online", true]);
    await listener.on(`${ROOT}/belt/state`, lost);
  });

  it("says offline at an orderly end, and its will is not published", async () => {
    const from = listener.heard.length;
    await office.link.stopped();
    const status = await listener.on(`${ROOT}/_gw/status`, from);
    assert.equal(json(status.text)["state"], "offline");
    office = await startOffice(officeBrief(plant, mosquitto.url, ROOT));
    await listener.message(({ text }) => text.includes('"online"') && listener.heard.length > from);
    assert.ok(listener.heard.every(({ text }) => !text.includes('"lost"')));
  });

  it("answers a command on its response topic with its correlation data", async () => {
    const correlationData = Buffer.from([1, 0, 255]);
    const payload = JSON.stringify({ id: "a1", set: { speed: 0.5 }, ttl: "2s" });
    await listener.client.publishAsync(`${ROOT}/belt/cmd/set`, payload, {
      qos: 1,
      properties: { responseTopic: "me/answers", correlationData },
    });
    const command = await eventually(() => office.link.receive().find((message) => message.kind === "command"));
    assert.equal(command.command.id, "a1");
    office.link.result({
      id: "a1",
      device: "belt",
      outcome: "verified",
      reason: undefined,
      results: { speed: { outcome: "verified", reason: undefined, sent: 0.5, readback: 0.5 } },
      took: ms(34),
    });
    const answer = await listener.on("me/answers");
    assert.deepEqual(answer.packet.properties?.correlationData, correlationData);
    assert.equal(
      answer.text,
      '{"id":"a1","outcome":"verified","results":{"speed":{"sent":0.5,"readback":0.5}},"ms":34}',
    );
  });

  it("refuses a retained command, live or kept by the broker", async () => {
    const command = JSON.stringify({ id: "r1", set: { speed: 1 } });
    await listener.client.publishAsync(`${ROOT}/belt/cmd/set`, command, { qos: 1, retain: true });
    const answer = await listener.on(`${ROOT}/belt/res/r1`);
    assert.match(answer.text, /"outcome":"rejected","reason":"a retained command/);
    const from = listener.heard.length;
    proxy.cut();
    await listener.on(`${ROOT}/belt/state`, from);
    office.link.samples(batch(good(0, 1)));
    await listener.on(`${ROOT}/belt/data`, from);
    assert.deepEqual(
      office.link.receive().filter(({ kind }) => kind === "command"),
      [],
    );
  });

  it("publishes the full state to a broker that was killed and started again", async () => {
    office.link.samples(batch(good(0, 1), good(1, 2)));
    await listener.on(`${ROOT}/belt/data`);
    await mosquitto.kill();
    office.link.samples(batch(good(0, 7)));
    const from = listener.heard.length;
    await mosquitto.start();
    const late = await MqttListener.connect(mosquitto.url);
    const state = await late.on(`${ROOT}/belt/state`);
    await late.end();
    assert.deepEqual(json(state.text)["values"], { speed: 7, total: 2, level: null });
    assert.ok(listener.heard.length >= from);
  });

  it("with a broker that hangs keeps the newest values only, and scanning does not notice", async () => {
    proxy.stall();
    const from = listener.heard.length;
    let longest = 0;
    for (let value = 1; value <= 5000; value++) {
      const start = systemClock.now();
      office.link.samples(batch(good(0, value), good(1, BigInt(value))));
      office.link.receive();
      longest = Math.max(longest, systemClock.now() - start);
      await new Promise((resolve) => setImmediate(resolve));
    }
    proxy.resume();
    await eventually(() => {
      office.link.receive();
      return listener.heard.find(({ topic, text }) => topic === `${ROOT}/belt/data` && text.includes('"speed":5000'));
    });
    const data = listener.heard.slice(from).filter(({ topic }) => topic === `${ROOT}/belt/data`);
    assert.ok(data.length < 100, `${data.length} messages`);
    assert.ok(longest < 200, `${longest} ms`);
  });

  it("keeps in its store what the broker misses over its own end, and sends it as hist when both are back", async () => {
    await office.link.stopped();
    const folder = mkdtempSync(join(tmpdir(), "takt-office-"));
    const brief = officeBrief(plant, `mqtt://127.0.0.1:${proxy.port}`, ROOT, { storeDir: folder });
    const outbox = { maxAge: ms(3_600_000), pace: ms(1) };
    const keeping = { ...brief, settings: { ...brief.settings, mqtt: { ...brief.settings.mqtt, outbox } } };
    try {
      proxy.refuses = true;
      office = await startOffice(keeping);
      office.link.samples(batch(good(0, 41)));
      office.link.event({ event: "missed", at: systemClock.now(), fields: {} });
      await office.link.stopped();
      proxy.refuses = false;
      const from = listener.heard.length;
      office = await startOffice(keeping);
      const { text, packet } = await listener.on(`${ROOT}/belt/hist`, from);
      assert.deepEqual([json(text)["values"], packet.qos, packet.retain], [{ speed: 41 }, 1, false]);
      assert.equal(json((await listener.on(`${ROOT}/_gw/event`, from)).text)["event"], "missed");
    } finally {
      await office.link.stopped();
      rmSync(folder, { recursive: true });
    }
  });
});
