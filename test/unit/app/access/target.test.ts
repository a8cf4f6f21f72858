import assert from "node:assert/strict";
import { formatTarget, parseTarget } from "../../../../src/app/access/target.ts";

const TARGETS: readonly (readonly [string, string])[] = [
  ["tcp://192.168.0.10", "tcp://192.168.0.10:502"],
  ["tcp://plc.local:1502", "tcp://plc.local:1502"],
  ["TCP://plc:1502/", "tcp://plc:1502"],
  ["tcp://[::1]:1502", "tcp://[::1]:1502"],
  ["tcp://[fe80::1%eth0]", "tcp://[fe80::1%eth0]:502"],
];

describe("a target", () => {
  for (const [written, meant] of TARGETS) {
    it(`${written} is ${meant}`, () => {
      const target = parseTarget(written);
      assert.ok(target.ok);
      assert.equal(formatTarget(target.value), meant);
    });
  }
  for (const wrong of [
    "",
    "host",
    "http://host",
    "tcp://",
    "tcp://a b",
    "tcp://host:0",
    "tcp://host:70000",
    "tcp://::1",
    "tcp://host/path",
  ]) {
    it(`"${wrong}" is refused`, () => assert.equal(parseTarget(wrong).ok, false));
  }
});
