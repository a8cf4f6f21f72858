import assert from "node:assert/strict";
import { topicsUnder } from "../../../src/mqtt/topics.ts";

describe("topics", () => {
  const topics = topicsUnder("plant/area1/gw");

  it("are as the table says", () => {
    assert.equal(topics.gateway("status"), "plant/area1/gw/_gw/status");
    assert.equal(topics.device("infeed", "state"), "plant/area1/gw/infeed/state");
    assert.equal(topics.tag("infeed", "speed"), "plant/area1/gw/infeed/tag/speed");
    assert.equal(topics.result("infeed", "a1"), "plant/area1/gw/infeed/res/a1");
    assert.deepEqual(topics.requests, [
      "plant/area1/gw/+/cmd/+",
      "plant/area1/gw/_pool/+/job",
      "plant/area1/gw/_pool/+/decide",
    ]);
  });

  const requests: readonly [topic: string, parsed: object | undefined][] = [
    ["plant/area1/gw/infeed/cmd/set", { device: "infeed", request: "set" }],
    ["plant/area1/gw/infeed/cmd/service", { device: "infeed", request: "service" }],
    ["plant/area1/gw/infeed/cmd/call", { device: "infeed", request: "call" }],
    ["plant/area1/gw/infeed/cmd/toString", { device: "infeed", request: "toString" }],
    ["plant/area1/gw/infeed/cmd/set/more", undefined],
    ["plant/area1/gw//cmd/set", undefined],
    ["plant/area1/other/infeed/cmd/set", undefined],
    ["plant/area1/gwx/infeed/cmd/set", undefined],
    ["plant/area1/gw/infeed/state", undefined],
  ];
  for (const [topic, parsed] of requests) {
    it(`${topic} asks ${parsed ? JSON.stringify(parsed) : "nothing"}`, () =>
      assert.deepEqual(topics.parseRequest(topic), parsed));
  }

  describe("that name a role", () => {
    const { requests: filters, parseRequest, parsePoolRequest } = topicsUnder("r", { byRole: true });

    it("are listened to beside the plain ones, where they are wanted", () => {
      const plain = ["r/+/cmd/+", "r/_pool/+/job", "r/_pool/+/decide"];
      assert.deepEqual(filters, [...plain, "r/_as/+/+/cmd/+", "r/_as/+/_pool/+/job", "r/_as/+/_pool/+/decide"]);
    });

    it("ask the same of the same in that role", () => {
      assert.deepEqual(parseRequest("r/_as/operator/belt/cmd/set"), {
        ...{ device: "belt", request: "set", role: "operator" },
      });
      assert.deepEqual(parsePoolRequest("r/_as/boss/_pool/p/job"), { pool: "p", request: "job", role: "boss" });
      assert.deepEqual(parseRequest("r/belt/cmd/set"), { device: "belt", request: "set" });
    });

    for (const topic of ["r/_as/operator/cmd/set", "r/_as//belt/cmd/set", "r/_as/operator/_as/engineer/belt/cmd/set"])
      it(`${topic} asks nothing`, () => assert.equal(parseRequest(topic), undefined));

    it("ask nothing where they are not wanted", () => {
      assert.equal(topics.parseRequest("plant/area1/gw/_as/engineer/belt/cmd/set"), undefined);
      assert.equal(topics.parsePoolRequest("plant/area1/gw/_as/engineer/_pool/p/job"), undefined);
    });
  });

  const answers: readonly [topic: string, allowed: boolean][] = [
    ["clients/7/answers", true],
    ["plant/area1/gw/infeed/res/a1", true],
    ["plant/area1/gw/infeed/state", false],
    ["plant/area1/gw/_gw/status", false],
    ["plant/area1/gw/infeed/cmd/set", false],
    ["plant/area1/gw/infeed/res/a1/more", false],
    ["clients/+/answers", false],
    ["clients/#", false],
    ["$SYS/broker", false],
    ["", false],
    ["nul\0", false],
    ["x".repeat(256), true],
    ["x".repeat(257), false],
    ["ä".repeat(129), false],
    [Array(16).fill("x").join("/"), true],
    [Array(17).fill("x").join("/"), false],
    ["/", false],
    ["clients//answers", false],
    ["clients/", false],
    ["/clients", false],
    ["clients/ü/😀", true],
    ["clients/\u0007", false],
    ["clients/\u0085", false],
    ["clients/\uFFFE", false],
    ["clients/\uFDD0", false],
    ["clients/\u{1FFFF}", false],
    ["clients/\uD800", false],
  ];
  for (const [topic, allowed] of answers) {
    it(`an answer to ${JSON.stringify(topic.slice(0, 30))} is ${allowed ? "published" : "not published"}`, () =>
      assert.equal(topics.mayAnswerTo(topic), allowed));
  }

  it("answers below the topics listed and its own res only, where any are listed", () => {
    const { mayAnswerTo } = topicsUnder("takt/gw", { answersUnder: ["clients", "site/a"] });
    const allowed = ["clients", "clients/x", "site/a/b", "takt/gw/belt/res/a1"];
    const others = ["clientsx", "site", "site/ab", "home/door/set", "takt/gw/belt/state", "clients/#"];
    assert.deepEqual([...allowed, ...others].filter(mayAnswerTo), allowed);
  });
});
