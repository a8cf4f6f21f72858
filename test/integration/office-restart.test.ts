import assert from "node:assert/strict";
import { embeddedBroker, type EmbeddedBroker } from "../../src/app/demo/embedded-broker.ts";
import { type Office, startOffice } from "../../src/app/office/start-office.ts";
import type { SampleChange } from "../../src/link/messages.ts";
import { MqttListener } from "../support/mqtt/mqtt-listener.ts";
import { officeBrief } from "../support/scan/office-brief.ts";
import { deviceOf, plantOf } from "../support/plants/plant.ts";
import { tagLike } from "../support/plants/tag.ts";

const plant = plantOf([deviceOf("belt", [tagLike({ name: "speed" })])]);

const sample = (tag: number, value: number): SampleChange => ({
  tag,
  value,
  quality: "good",
  reason: "ok",
  sourceTime: undefined,
});

const batch = (...samples: SampleChange[]) => ({ kind: "samples", cycle: 1, samples, renewed: [] }) as const;

describe("an office that crashes", () => {
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

  it("is started again, asks for everything and goes on; its will said that it was lost", async () => {
    await listener.on("r/belt/state");
    const from = listener.heard.length;
    const restarted = new Promise<void>((resolve) => office.link.restarted.on(() => resolve()));
    // A tag that is none of this plant: a contradiction of ours, which nothing in the office survives.
    office.link.samples(batch(sample(99, 1)));
    await restarted;
    office.link.samples(batch(sample(0, 5)));
    await listener.message(({ topic, text }) => topic === "r/belt/state" && text.includes('"speed":5'), 10_000);
    const states = listener.heard.slice(from).filter(({ topic }) => topic === "r/_gw/status");
    assert.deepEqual(
      states.map(({ text }) => (JSON.parse(text) as { state: string }).state),
      ["lost", "online"],
    );
  });
});

describe("an office that cannot set itself up", () => {
  it("is refused with the reason", async () => {
    const brief = officeBrief(plant, "mqtt://127.0.0.1:1", "r", {
      log: { level: "info", format: "json", to: "/nowhere/takt.log" },
    });
    await assert.rejects(startOffice(brief), /the office did not start: ENOENT.*nowhere/);
  });
});
