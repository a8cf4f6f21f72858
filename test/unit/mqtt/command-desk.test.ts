import assert from "node:assert/strict";
import type { Command, CommandResult } from "../../../src/command/command.ts";
import type { Device } from "../../../src/device/profile.ts";
import { instant, ms, wallTime } from "../../../src/kit/time.ts";
import type { CancelRequest } from "../../../src/link/messages.ts";
import type { Publication, Received } from "../../../src/mqtt/broker.ts";
import { CommandDesk } from "../../../src/mqtt/command-desk.ts";
import { topicsUnder } from "../../../src/mqtt/topics.ts";
import { deviceLike, level } from "../../support/scan-plant.ts";
import type { TagSketch } from "../../support/tag.ts";

const SLOW: TagSketch = { write: level({ verify: { by: "readback", tolerance: 0, within: ms(90_000) } }) };

const ARM = deviceLike("arm", {
  tags: { slow: SLOW },
  commands: {
    move: {
      args: { x: { range: [0, 5] } },
      steps: [{ write: { slow: "$x" } }, { expect: { slow: "$x" }, within: "1min" }],
    },
  },
});

function rig() {
  const sent: Command[] = [];
  const cancelled: CancelRequest[] = [];
  const outlet = {
    command: (command: Command) => sent.push(command) > 0,
    cancel: (cancel: CancelRequest) => cancelled.push(cancel) > 0,
    service: () => true,
    acknowledge: () => true,
  };
  const devices = new Map<string, Device>([["arm", ARM]]);
  const desk = new CommandDesk({ topics: topicsUnder("r"), devices, outlet, untold: () => 0 });
  const ask = (at: number, more: object = {}): void => {
    const payload = Buffer.from(JSON.stringify({ id: "a1", set: { slow: 1 }, ttl: "2s", ...more }));
    const rest = { expiry: undefined, responseTopic: undefined, correlationData: undefined };
    desk.received(
      { topic: "r/arm/cmd/set", payload, retained: false, ...rest },
      { now: instant(at), wall: wallTime(1_000_000 + at) },
    );
  };
  const receive = (topic: string, payload: object, more: Partial<Received> = {}) =>
    desk.received(
      {
        topic: `r/arm/cmd/${topic}`,
        payload: Buffer.from(JSON.stringify(payload)),
        retained: false,
        expiry: undefined,
        responseTopic: undefined,
        correlationData: undefined,
        ...more,
      },
      { now: instant(0), wall: wallTime(1_000_000) },
    );
  return { desk, ask, sent, receive, cancelled };
}

const verified: CommandResult = {
  id: "a1",
  device: "arm",
  outcome: "verified",
  reason: undefined,
  results: {},
  took: ms(1),
};
const outcomes = (publications: readonly Publication[]): unknown[] =>
  publications.map(({ payload }) => (JSON.parse(payload) as { outcome: unknown }).outcome);

describe("a command that names a time after which it is not to be sent", () => {
  const lifetimes: readonly [what: string, notAfter: number, ttl: number][] = [
    ["waits until then", 1_000_500, 500],
    ["waits no longer than its time to live", 1_009_000, 2000],
    ["is handed on as too late after that: an id that was carried out still has its outcome", 994_000, -6000],
  ];
  for (const [what, notAfter, ttl] of lifetimes) {
    it(what, () => {
      const { ask, sent } = rig();
      ask(0, { notAfter });
      assert.deepEqual(
        sent.map((command) => command.ttl),
        [ttl],
      );
    });
  }
});

describe("a command whose outcome takes long", () => {
  it("is given its time to live, the time its effect may take, and a minute", () => {
    const { desk, ask } = rig();
    ask(0);
    assert.deepEqual(outcomes(desk.overdue(instant(151_999))), []);
    assert.deepEqual(outcomes(desk.overdue(instant(152_000))), ["unknown"]);
  });

  it("has one outcome: what comes after it was given up is not told", () => {
    const { desk, ask } = rig();
    ask(0);
    desk.overdue(instant(152_000));
    assert.deepEqual(desk.result(verified), []);
  });

  it("is told to one who asks again after that", () => {
    const { desk, ask, sent } = rig();
    ask(0);
    desk.overdue(instant(152_000));
    ask(160_000);
    assert.equal(sent.length, 2);
    assert.deepEqual(outcomes(desk.result(verified)), ["verified"]);
  });
});
