import assert from "node:assert/strict";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { Mosquitto } from "../support/mosquitto.ts";
import { MqttListener } from "../support/mqtt-listener.ts";
import { officeBrief } from "../support/office.ts";
import { peer } from "../support/peers.ts";
import { deviceOf, plantOf } from "../support/plant.ts";
import { tagLike } from "../support/tag.ts";

const ROOT = "takt/test";

const plant = plantOf([
  deviceOf("belt", [
    tagLike({ name: "speed", unit: "m/s" }),
    tagLike({ name: "total", type: "uint64" }),
    tagLike({ name: "level" }),
  ]),
]);

const json = (text: string): unknown => JSON.parse(text);

describe("the office on a real mosquitto", () => {
  let mosquitto: Mosquitto;
  let listener: MqttListener;
  let office: Office;

  before(peer("mosquitto"));

  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    listener = await MqttListener.connect(mosquitto.url);
    office = await startOffice(officeBrief(plant, mosquitto.url, ROOT));
  });

  afterEach(async () => {
    await office.link.stopped();
    await listener.end();
    await mosquitto.dispose();
  });

  it("publishes a batch as data of its device, 64-bit values exact", async () => {
    const sourceTime = systemClock.now();
    await listener.on(`${ROOT}/_gw/status`);
    office.link.samples({
      cycle: 1,
      samples: [
        { tag: 0, value: 0.42, quality: "good", reason: "ok", sourceTime },
        {
          tag: 1,
          value: 2n ** 64n - 1n,
          quality: "good",
          reason: "ok",
          sourceTime: (sourceTime - 18) as typeof sourceTime,
        },
        { tag: 2, value: null, quality: "bad", reason: "offline", sourceTime: undefined },
      ],
      renewed: [],
    });
    const { text, packet } = await listener.on(`${ROOT}/belt/data`);
    const { ts, ...rest } = json(text) as { ts: number };
    assert.deepEqual(rest, {
      seq: 1,
      values: { speed: 0.42, total: "18446744073709551615", level: null },
      bad: { level: "offline" },
      dt: { total: -18 },
    });
    assert.ok(Math.abs(Date.now() - ts) < 5000);
    assert.deepEqual([packet.qos, packet.retain], [1, false]);
  });
});
