import assert from "node:assert/strict";
import type { Command, CommandResult } from "../../../src/command/command.ts";
import type { Device } from "../../../src/device/profile.ts";
import { instant, ms, wallTime } from "../../../src/kit/time.ts";
import type { CancelRequest } from "../../../src/link/messages.ts";
import type { Publication, Received } from "../../../src/mqtt/broker/broker.ts";
import { CommandDesk } from "../../../src/mqtt/json/command-desk.ts";
import { topicsUnder } from "../../../src/mqtt/topics.ts";
import { deviceLike, level } from "../../support/plants/scan-plant.ts";
import type { TagSketch } from "../../support/plants/tag.ts";

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

function rig({ byRole = false } = {}) {
  const sent: Command[] = [];
  const cancelled: CancelRequest[] = [];
  const others: unknown[] = [];
  const outlet = {
    command: (command: Command) => sent.push(command) > 0,
    cancel: (cancel: CancelRequest) => cancelled.push(cancel) > 0,
    service: (request: object) => others.push(request) > 0,
    acknowledge: (request: object) => others.push(request) > 0,
  };
  const devices = new Map<string, Device>([["arm", ARM]]);
  const desk = new CommandDesk({ topics: topicsUnder("r", { byRole }), devices, outlet, untold: () => 0 });
  const ask = (at: number, more: object = {}): void => {
    const payload = Buffer.from(JSON.stringify({ id: "a1", set: { slow: 1 }, ttl: "2s", ...more }));
    const rest = { expiry: undefined, responseTopic: undefined, correlationData: undefined };
    desk.received(
      { topic: "r/arm/cmd/set", payload, retained: false, ...rest },
      { now: instant(at), wall: wallTime(1_000_000 + at) },
    );
  };
  const receive = (request: string, payload: object, more: Partial<Received> = {}) =>
    desk.received(
      {
        topic: `r/arm/cmd/${request}`,
        payload: Buffer.from(JSON.stringify(payload)),
        retained: false,
        expiry: undefined,
        responseTopic: undefined,
        correlationData: undefined,
        ...more,
      },
      { now: instant(0), wall: wallTime(1_000_000) },
    );
  return { desk, ask, sent, receive, cancelled, others };
}

const NOTHING = { rejection: undefined, event: undefined };

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

describe("a request on a topic that names a role", () => {
  const topic = (role: string, request: string) => ({ topic: `r/_as/${role}/arm/cmd/${request}` });

  it("is handed on with it, whatever it asks; on a plain topic with none", () => {
    const { receive, sent, cancelled, others } = rig({ byRole: true });
    receive("set", { id: "a1", set: { slow: 1 } }, topic("operator", "set"));
    receive("cancel", { id: "a1" }, topic("observer", "cancel"));
    receive("service", { id: "s1", enabled: false }, topic("engineer", "service"));
    receive("ack", { id: "k1" }, topic("operator", "ack"));
    receive("set", { id: "a2", set: { slow: 1 } });
    const roles = [...sent, ...cancelled, ...others].map((request) => (request as { readonly role?: string }).role);
    assert.deepEqual(roles, ["operator", undefined, "observer", "engineer", "operator"]);
  });

  it("is rejected where there is no such role", () => {
    const { receive, sent } = rig({ byRole: true });
    const { rejection } = receive("set", { id: "a1", set: { slow: 1 } }, topic("admin", "set"));
    assert.equal(rejection?.topic, "r/arm/res/a1");
    assert.match(rejection.payload, /"rejected","reason":"unknown role \\"admin\\"; /);
    assert.deepEqual(sent, []);
  });

  it("is none where the setting does not want it", () => {
    const { receive, sent } = rig();
    assert.deepEqual(receive("set", { id: "a1", set: { slow: 1 } }, topic("engineer", "set")), NOTHING);
    assert.deepEqual(sent, []);
  });
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
