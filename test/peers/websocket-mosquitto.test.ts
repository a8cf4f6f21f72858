import assert from "node:assert/strict";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import { systemClock } from "../../src/kit/system-clock.ts";
import { ms } from "../../src/kit/time.ts";
import { eventually } from "../support/processes/eventually.ts";
import { freePort } from "../support/processes/free-port.ts";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { peer } from "../support/processes/peers.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { level } from "../support/plants/scan-plant.ts";
import { tagLike } from "../support/plants/tag.ts";

const ROOT = "takt/web";
const BELT = `${ROOT}/belt`;

const plant = plantOf([deviceOf("belt", [tagLike({ name: "speed", write: level() })])]);

describe("the office on a mosquitto behind a WebSocket", () => {
  let mosquitto: Mosquitto;
  let listener: MqttListener;
  let office: Office;

  before(peer("mosquitto"));

  beforeEach(async () => {
    const port = await freePort();
    mosquitto = await Mosquitto.start([`listener ${port} 127.0.0.1`, "protocol websockets"]);
    listener = await MqttListener.connect(mosquitto.url);
    office = await startOffice(officeBrief(plant, `ws://127.0.0.1:${port}/mqtt`, ROOT));
  });

  afterEach(async () => {
    await office.link.stopped();
    await listener.end();
    await mosquitto.dispose();
  });

  function tell(value: number): void {
    const sample = { tag: 0, value, quality: "good", reason: "ok", sourceTime: systemClock.now() } as const;
    office.link.samples({ cycle: 1, samples: [sample], renewed: [] });
  }

  it("is online, publishes values, and hands on a command and its outcome", async () => {
    await listener.on(`${BELT}/state`);
    assert.match((await listener.on(`${ROOT}/_gw/status`)).text, /"state":"online"/);
    tell(0.5);
    assert.match((await listener.on(`${BELT}/data`)).text, /"values":\{"speed":0.5\}/);
    await listener.client.publishAsync(`${BELT}/cmd/set`, '{"id":"a1","set":{"speed":1}}', { qos: 1 });
    const asked = await eventually(() => office.link.receive().find((message) => message.kind === "command"));
    assert.equal(asked.command.id, "a1");
    const reason = undefined;
    office.link.result({ id: "a1", device: "belt", outcome: "verified", reason, results: {}, took: ms(3) });
    assert.match((await listener.on(`${BELT}/res/a1`)).text, /"outcome":"verified"/);
  });

  it("is back, and tells what is true, when the broker was killed and started again", async () => {
    await listener.on(`${BELT}/state`);
    await mosquitto.kill();
    tell(7);
    await mosquitto.start();
    const late = await MqttListener.connect(mosquitto.url);
    try {
      const { text } = await late.message(({ topic }) => topic === `${BELT}/state`, 15_000);
      assert.match(text, /"values":\{"speed":7\}/);
    } finally {
      await late.end();
    }
  });
});
