import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { Publication } from "../../../src/mqtt/broker/broker.ts";
import { brokerLimits, packetBytes } from "../../../src/mqtt/broker/broker-limits.ts";

interface PacketWriter {
  generate(packet: object, options: { readonly protocolVersion: 5 }): Uint8Array;
}
/** The writer mqtt.js uses. */
const writer = createRequire(import.meta.url)("mqtt-packet") as PacketWriter;

describe("what a broker takes", () => {
  const cases: readonly [said: object | undefined, limits: object][] = [
    [undefined, { window: 64, maximumPacket: Infinity, maximumQos: 1, retainAvailable: true }],
    [
      { receiveMaximum: 7, maximumPacketSize: 900, maximumQoS: 0, retainAvailable: false },
      { window: 7, maximumPacket: 900, maximumQos: 0, retainAvailable: false },
    ],
    [
      { receiveMaximum: 65_535, maximumQoS: 1, retainAvailable: true },
      { window: 64, maximumPacket: Infinity, maximumQos: 1, retainAvailable: true },
    ],
    [{ receiveMaximum: 0 }, { window: 1, maximumPacket: Infinity, maximumQos: 1, retainAvailable: true }],
  ];
  for (const [properties, limits] of cases) {
    it(`${JSON.stringify(properties)} means ${JSON.stringify(limits)}`, () =>
      assert.deepEqual(brokerLimits(properties ? { properties } : {}), limits));
  }
});

describe("the size of a publication", () => {
  const plain: Publication = { topic: "a/ü", payload: "x", qos: 1, retain: false };
  const publications: readonly Publication[] = [
    plain,
    { ...plain, qos: 0 },
    { ...plain, correlationData: Buffer.alloc(5) },
    { ...plain, correlationData: Buffer.alloc(125) },
    { ...plain, correlationData: Buffer.alloc(200) },
    ...[119, 120, 16_375, 16_376, 2_097_200].map((length) => ({ ...plain, payload: "p".repeat(length) })),
  ];
  for (const publication of publications) {
    const { topic, payload, qos, correlationData } = publication;
    it(`is what is sent: ${payload.length} bytes, QoS ${qos}, correlation of ${correlationData?.length ?? 0}`, () => {
      const properties = correlationData ? { correlationData } : {};
      const written = writer.generate(
        { cmd: "publish", messageId: 1, ...publication, properties, payload: Buffer.from(payload), topic, dup: false },
        { protocolVersion: 5 },
      );
      assert.equal(packetBytes(publication), written.length);
    });
  }
});
