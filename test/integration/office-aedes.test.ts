import assert from "node:assert/strict";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import { embeddedBroker, type EmbeddedBroker } from "../../src/app/demo/embedded-broker.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { ms } from "../../src/kit/time.ts";
import { eventually } from "../support/processes/eventually.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { tagLike } from "../support/plants/tag.ts";

const plant = plantOf([deviceOf("belt", [tagLike({ name: "speed" })])]);

describe("the office on a broker that speaks MQTT 3.1.1 only", () => {
  let broker: EmbeddedBroker;
  let listener: MqttListener;
  let office: Office;

  beforeEach(async () => {
    broker = await embeddedBroker(0);
    const url = `mqtt://127.0.0.1:${broker.port}`;
    listener = await MqttListener.connect(url, { protocolVersion: 4 });
    office = await startOffice(officeBrief(plant, url, "r"));
  });

  afterEach(async () => {
    await office.link.stopped();
    await listener.end();
    await broker.close();
  });

  it("goes down to 3.1.1 and publishes", async () => {
    await listener.on("r/belt/meta");
    const sourceTime = systemClock.now();
    office.link.samples({
      cycle: 1,
      samples: [{ tag: 0, value: 3, quality: "good", reason: "ok", sourceTime }],
      renewed: [],
    });
    assert.match((await listener.on("r/belt/data")).text, /"values":\{"speed":3\}/);
  });

  it("takes commands and answers them under res", async () => {
    await listener.on("r/belt/meta");
    await listener.client.publishAsync("r/belt/cmd/set", '{"id":"a","set":{"speed":1}}', { qos: 1 });
    await eventually(() => office.link.receive().find((message) => message.kind === "command"));
    const results = {};
    office.link.result({ id: "a", device: "belt", outcome: "rejected", reason: "test", results, took: ms(1) });
    assert.match((await listener.on("r/belt/res/a")).text, /"outcome":"rejected","reason":"test"/);
  });

  it("takes a device out of service and back", async () => {
    await listener.on("r/belt/meta");
    await listener.client.publishAsync("r/belt/cmd/service", '{"id":"a","enabled":false}', { qos: 1 });
    const service = await eventually(() => office.link.receive().find((message) => message.kind === "service"));
    assert.ok(service.sendBy > systemClock.now());
    assert.deepEqual(
      { ...service, sendBy: 0 },
      { kind: "service", device: "belt", enabled: false, origin: "mqtt", sendBy: 0 },
    );
  });
});
