import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type EdgeAction,
  type EdgeEvent,
  type EdgePolicy,
  type EdgeState,
  UNCONNECTED,
} from "../../../../src/mqtt/sparkplug/edge-state.ts";
import { nextEdge, nextNumber } from "../../../../src/mqtt/sparkplug/next-edge.ts";
import { covers } from "../../../support/mqtt/sparkplug-ids.ts";

const ALONE: EdgePolicy = { hasPrimaryHost: false, hasAlternatives: false };
const HOSTED: EdgePolicy = { hasPrimaryHost: true, hasAlternatives: false };
const WALKER: EdgePolicy = { hasPrimaryHost: true, hasAlternatives: true };

const connecting = (bdSeq = 7): EdgeEvent => ({ kind: "connecting", bdSeq });
const up: EdgeEvent = { kind: "up" };
const room: EdgeEvent = { kind: "room", due: undefined };
const data = (device: string): EdgeEvent => ({ kind: "room", due: { of: "device", device, historical: false } });
const nodeData: EdgeEvent = { kind: "room", due: { of: "node" } };
const present = (device: string): EdgeEvent => ({ kind: "device", device, present: true });
const absent = (device: string): EdgeEvent => ({ kind: "device", device, present: false });
const host = (online: boolean, timestamp: number): EdgeEvent => ({ kind: "host", online, timestamp });
const rebirth: EdgeEvent = { kind: "rebirth" };

interface Run {
  readonly state: EdgeState;
  readonly said: readonly string[];
}

/** `DDATA belt 3`, `die 7 atOnce`, `walk` */
function run(policy: EdgePolicy, ...events: readonly EdgeEvent[]): Run {
  return events.reduce<Run>(
    ({ state, said }, event) => {
      const step = nextEdge(state, event, policy);
      return { state: step.state, said: step.action ? [...said, text(step.action)] : said };
    },
    { state: UNCONNECTED, said: [] },
  );
}

function text(action: EdgeAction): string {
  if (action.kind === "walk") return "walk";
  if (action.kind === "die") return `die ${action.bdSeq} ${action.next}`;
  const { message } = action;
  if (message.type === "NBIRTH") return `NBIRTH ${message.seq} bdSeq ${message.bdSeq}`;
  return "device" in message ? `${message.type} ${message.device} ${message.seq}` : `${message.type} ${message.seq}`;
}

const said = (policy: EdgePolicy, ...events: readonly EdgeEvent[]): readonly string[] => run(policy, ...events).said;

describe("the machine of the edge node", () => {
  it(
    covers(
      "begins a session with the node's birth, then its devices', then data, counting from 0",
      "principles-birth-certificates-order",
      "message-flow-edge-node-birth-publish-connect",
      "message-flow-device-birth-publish-nbirth-wait",
      "payloads-dbirth-order",
      "payloads-ndata-order",
      "payloads-ddata-order",
      "topics-nbirth-seq-num",
      "topics-dbirth-seq",
      "topics-ndata-seq-num",
      "topics-ddata-seq-num",
    ),
    () => {
      assert.deepEqual(said(ALONE, present("belt"), present("arm"), room, nodeData), []);
      assert.deepEqual(
        said(
          ALONE,
          present("belt"),
          present("arm"),
          connecting(),
          data("belt"),
          up,
          data("belt"),
          data("belt"),
          data("belt"),
          data("belt"),
          nodeData,
        ),
        ["NBIRTH 0 bdSeq 7", "DBIRTH belt 1", "DBIRTH arm 2", "DDATA belt 3", "NDATA 4"],
      );
    },
  );

  it(
    covers(
      "counts to 255 and on from 0",
      "payloads-sequence-num-incrementing",
      "payloads-dbirth-seq-inc",
      "payloads-ndata-seq-inc",
      "payloads-ddata-seq-inc",
      "payloads-ddeath-seq-inc",
      "topics-ddeath-seq-num",
    ),
    () => {
      const events = [
        present("belt"),
        connecting(),
        up,
        room,
        room,
        ...Array.from({ length: 253 }, () => data("belt")),
      ];
      const { state, said: all } = run(ALONE, ...events);
      assert.deepEqual([all.at(-1), state.seq], ["DDATA belt 254", 255]);
      for (const [event, expected] of [
        [data("belt"), "DDATA belt 255"],
        [nodeData, "NDATA 255"],
      ] as const) {
        assert.equal(run(ALONE, ...events, event).said.at(-1), expected);
        assert.equal(run(ALONE, ...events, event).state.seq, 0);
      }
      assert.equal(run(ALONE, ...events, absent("belt"), room).said.at(-1), "DDEATH belt 255");
      assert.equal(run(ALONE, ...events, present("arm"), room).said.at(-1), "DBIRTH arm 255");
      assert.deepEqual([nextNumber(0), nextNumber(254), nextNumber(255)], [1, 255, 0]);
    },
  );

  it("whatever happens: the first message of a session is NBIRTH 0, no number is left out, no data before its birth", () => {
    const device = fc.constantFrom("a", "b", "c");
    const events = fc.oneof(
      { weight: 8, arbitrary: device.map(data) },
      { weight: 2, arbitrary: fc.constant(nodeData) },
      { weight: 2, arbitrary: device.map(present) },
      { weight: 2, arbitrary: device.map(absent) },
      { weight: 1, arbitrary: fc.constantFrom(rebirth, { kind: "down" } as const, up, connecting()) },
      { weight: 1, arbitrary: fc.tuple(fc.boolean(), fc.nat(5)).map(([online, at]) => host(online, at)) },
    );
    fc.assert(
      fc.property(fc.array(events, { minLength: 20, maxLength: 80 }), fc.boolean(), (list, hasPrimaryHost) => {
        let state = run(ALONE, connecting(), up).state;
        let expected = 0;
        const born = new Set<string>();
        for (const event of list) {
          const step = nextEdge(state, event, { hasPrimaryHost, hasAlternatives: true });
          state = step.state;
          if (event.kind === "up" || event.kind === "down" || event.kind === "connecting") expected = 0;
          if (step.action?.kind === "die" || step.action?.kind === "walk") expected = 0;
          if (step.action?.kind !== "send") continue;
          const { message } = step.action;
          if (message.type === "NBIRTH") expected = 0;
          if (message.type === "NBIRTH") born.clear();
          assert.equal(message.seq, expected);
          if (expected === 0 && message.type !== "NBIRTH") assert.fail("a session that begins with something else");
          expected = nextNumber(expected);
          if (!("device" in message)) continue;
          assert.equal(born.has(message.device), message.type !== "DBIRTH", JSON.stringify(message));
          if (message.type === "DBIRTH") born.add(message.device);
          if (message.type === "DDEATH") born.delete(message.device);
        }
      }),
    );
  });

  it(
    covers(
      "lets a device die that is gone, and bears it again when it is back",
      "operational-behavior-device-ddeath",
      "payloads-ddeath-seq-number",
    ),
    () => {
      const begun = [present("belt"), connecting(), up, room, room];
      assert.deepEqual(said(ALONE, ...begun, absent("belt"), data("belt"), data("belt")).slice(2), ["DDEATH belt 2"]);
      assert.deepEqual(said(ALONE, ...begun, absent("belt"), room, present("belt"), room, data("belt")).slice(2), [
        "DDEATH belt 2",
        "DBIRTH belt 3",
        "DDATA belt 4",
      ]);
      assert.deepEqual(
        said(ALONE, ...begun, absent("belt"), present("belt"), room, room, room).slice(2),
        ["DDEATH belt 2", "DBIRTH belt 3"],
        "a short absence is told, too",
      );
      assert.deepEqual(
        said(ALONE, ...begun, present("arm"), absent("arm"), room).slice(2),
        [],
        "never born, never dead",
      );
    },
  );

  it(
    covers(
      "asked for a rebirth stops its data and tells the whole birth again, under the number of the living will",
      "operational-behavior-data-commands-rebirth-action-1",
      "operational-behavior-data-commands-rebirth-action-2",
      "operational-behavior-data-commands-rebirth-action-3",
    ),
    () => {
      const begun = [present("belt"), connecting(9), up, room, room, data("belt")];
      assert.deepEqual(said(ALONE, ...begun, rebirth, data("belt"), data("belt"), data("belt")).slice(3), [
        "NBIRTH 0 bdSeq 9",
        "DBIRTH belt 1",
        "DDATA belt 2",
      ]);
      assert.deepEqual(
        said(ALONE, ...begun, rebirth, rebirth, rebirth, room, room).slice(3),
        ["NBIRTH 0 bdSeq 9", "DBIRTH belt 1"],
        "asked again before it began, it is born once",
      );
    },
  );

  it(
    covers(
      "waits for its primary host to be online",
      "message-flow-edge-node-birth-publish-phid-wait",
      "message-flow-edge-node-birth-publish-phid-wait-online",
      "operational-behavior-edge-node-birth-sequence-wait",
    ),
    () => {
      assert.deepEqual(said(HOSTED, connecting(), up, room, nodeData), []);
      assert.deepEqual(said(HOSTED, connecting(), up, host(false, 5), room), []);
      assert.deepEqual(said(HOSTED, connecting(), up, host(true, 5), room), ["NBIRTH 0 bdSeq 7"]);
    },
  );

  it(
    covers(
      "takes a host for online by a STATE that is not older than the one before, over sessions too",
      "message-flow-edge-node-birth-publish-phid-wait-timestamp",
    ),
    () => {
      assert.deepEqual(said(HOSTED, connecting(), up, host(false, 5), host(true, 4), room), []);
      assert.deepEqual(said(HOSTED, connecting(), up, host(false, 5), host(true, 5), room), ["NBIRTH 0 bdSeq 7"]);
      const before = [connecting(1), up, host(true, 9), { kind: "down" }] as const;
      assert.deepEqual(said(HOSTED, ...before, connecting(2), up, host(true, 8), room), []);
      assert.deepEqual(said(HOSTED, ...before, connecting(2), up, host(true, 9), room), ["NBIRTH 0 bdSeq 2"]);
      assert.deepEqual(said(HOSTED, ...before, connecting(2), up, room), [], "each session has to hear it anew");
    },
  );

  it(
    covers(
      "dies and leaves when its host goes offline, unless that is older than it was online",
      "message-flow-edge-node-birth-publish-phid-offline",
      "operational-behavior-edge-node-termination-host-offline",
      "operational-behavior-edge-node-termination-host-offline-timestamp",
      "operational-behavior-edge-node-termination-host-offline-reconnect",
    ),
    () => {
      const alive = [connecting(3), up, host(true, 10), room];
      assert.deepEqual(said(HOSTED, ...alive, host(false, 10)).slice(1), ["die 3 atOnce"]);
      assert.deepEqual(said(HOSTED, ...alive, host(false, 9), nodeData).slice(1), ["NDATA 1"]);
      assert.deepEqual(said(HOSTED, ...alive, host(true, 12), host(false, 11)).slice(1), []);
      assert.deepEqual(said(HOSTED, ...alive, host(false, 10), nodeData, room).slice(1), ["die 3 atOnce"]);
    },
  );

  it(
    covers(
      "goes to the next server where its host is offline, or not heard of",
      "operational-behavior-primary-application-state-with-multiple-servers-walk",
    ),
    () => {
      assert.deepEqual(said(WALKER, connecting(), up, host(false, 5)), ["walk"]);
      assert.deepEqual(said(WALKER, connecting(), up, { kind: "impatient" }), ["walk"]);
      assert.deepEqual(
        said(HOSTED, connecting(), up, host(false, 5), { kind: "impatient" }),
        [],
        "there is no next one",
      );
      assert.deepEqual(said(WALKER, connecting(), up, host(true, 5), room, { kind: "impatient" }).slice(1), []);
    },
  );

  it(
    covers(
      "says at an orderly end that it dies, and nothing after that",
      "operational-behavior-edge-node-intentional-disconnect-ndeath",
    ),
    () => {
      const stop: EdgeEvent = { kind: "stop" };
      assert.deepEqual(said(ALONE, connecting(3), up, room, stop, nodeData, rebirth, up, room).slice(1), [
        "die 3 never",
      ]);
      assert.deepEqual(said(ALONE, connecting(3), up, stop, room), [], "nothing was born");
      assert.deepEqual(said(ALONE, stop, connecting(3), up, room), []);
    },
  );
});
