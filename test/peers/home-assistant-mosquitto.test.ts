import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import type { Device } from "../../src/device/profile.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { peer } from "../support/processes/peers.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { tagLike } from "../support/plants/tag.ts";

const ROOT = "takt/test";
const CONFIGS = "homeassistant/device/+/config";
const BELT = "homeassistant/device/takt-test-belt/config";
const ARM = "homeassistant/device/takt-test-arm/config";

const belt = deviceOf("belt", [tagLike({ name: "speed", unit: "m/s" })]);
const arm = deviceOf("arm", [tagLike({ name: "count" })]);

describe("Home Assistant's discovery on a real mosquitto", () => {
  let mosquitto: Mosquitto;
  let folder: string;
  let office: Office | undefined;

  before(peer("mosquitto"));

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    folder = mkdtempSync(join(tmpdir(), "takt-discovery-"));
  });

  afterEach(async () => {
    await office?.link.stopped();
    office = undefined;
    await mosquitto.dispose();
    rmSync(folder, { recursive: true });
  });

  /** Somebody who has heard what the broker keeps. */
  async function listen(): Promise<MqttListener> {
    const listener = await MqttListener.connect(mosquitto.url, {}, CONFIGS);
    await listener.client.subscribeAsync("end");
    await listener.client.publishAsync("end", "");
    await listener.on("end");
    return listener;
  }

  async function begin(devices: readonly Device[], enabled: boolean): Promise<void> {
    await office?.link.stopped();
    const brief = officeBrief(plantOf(devices), mosquitto.url, ROOT, { storeDir: folder });
    const homeAssistant = enabled ? { prefix: "homeassistant" } : undefined;
    const mqtt = { ...brief.settings.mqtt, homeAssistant };
    office = await startOffice({ ...brief, settings: { ...brief.settings, mqtt } });
  }

  /** What is told in a life of a master with these devices, until the last of it was heard. */
  async function told(devices: readonly Device[], last: string, enabled = true) {
    const listener = await listen();
    const from = listener.heard.length;
    await begin(devices, enabled);
    await listener.on(last, from);
    await listener.end();
    return listener.heard.slice(from);
  }

  /** Topics that somebody who comes late finds, in order. */
  async function kept(): Promise<readonly string[]> {
    const late = await listen();
    await late.end();
    return late.heard
      .map(({ topic }) => topic)
      .filter((topic) => topic !== "end")
      .toSorted();
  }

  it("every device is told once on a connection, retained, with its entities", async () => {
    const heard = await told([belt, arm], ARM);
    assert.deepEqual(
      heard.map(({ topic, packet }) => [topic, packet.retain, packet.qos]),
      [
        [BELT, true, 1],
        [ARM, true, 1],
      ],
    );
    assert.deepEqual(Object.keys((JSON.parse(heard[0]?.text ?? "") as { cmps: object }).cmps), ["speed"]);
    assert.deepEqual(await kept(), [ARM, BELT]);
  });

  it("a device that is gone from the plant is taken back", async () => {
    await told([belt, arm], ARM);
    const heard = await told([belt], BELT);
    assert.deepEqual(
      heard.map(({ topic, text }) => [topic, text === ""]),
      [
        [ARM, true],
        [BELT, false],
      ],
    );
    assert.deepEqual(await kept(), [BELT]);
  });

  it("is taken back when it is switched off, and not once more after that", async () => {
    await told([belt], BELT);
    const off = await told([belt], BELT, false);
    assert.deepEqual(
      off.map(({ topic, text }) => [topic, text]),
      [[BELT, ""]],
    );
    await office?.link.stopped();
    const listener = await listen();
    const from = listener.heard.length;
    await listener.client.subscribeAsync(`${ROOT}/_gw/status`);
    await begin([belt], false);
    await listener.message(({ text }) => text.includes('"online"'));
    await office?.link.stopped();
    await listener.message((heard) => heard.text.includes('"offline"') && !heard.packet.retain);
    await listener.end();
    assert.deepEqual(
      listener.heard.slice(from).filter(({ topic }) => topic.startsWith("homeassistant/")),
      [],
    );
  });
});
