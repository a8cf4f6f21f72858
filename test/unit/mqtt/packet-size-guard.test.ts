import assert from "node:assert/strict";
import { fromHex } from "../../../src/kit/bytes.ts";
import { packetSizeGuard } from "../../../src/mqtt/broker/packet-size-guard.ts";

const publish = (length: number): Buffer => {
  const head = [0x30];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    head.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0xff)]);
};

const cases: readonly [title: string, bytes: Buffer, passes: boolean][] = [
  ["a packet without a body", fromHex("D0 00"), true],
  ["packets of the largest size", Buffer.concat([publish(300), publish(300), publish(0), publish(127)]), true],
  ["one byte more", Buffer.concat([publish(300), publish(301)]), false],
  ["256 MB announced", fromHex("30 FF FF FF 7F"), false],
  ["a length of five bytes", fromHex("30 80 80 80 80 01"), false],
];

describe("the limit on packets from the broker", () => {
  for (const [title, bytes, passes] of cases) {
    it(`${title} ${passes ? "passes" : "is stopped"}, however it is cut`, () => {
      for (let size = 1; size <= bytes.length; size++) {
        const guard = packetSizeGuard(300);
        let passed = true;
        for (let at = 0; at < bytes.length && passed; at += size) passed = guard(bytes.subarray(at, at + size));
        assert.equal(passed, passes, `in pieces of ${size}`);
      }
    });
  }
});
