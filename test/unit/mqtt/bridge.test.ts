import assert from "node:assert/strict";
import type { CommandResult, Command } from "../../../src/command/command.ts";
import type { ReportRule } from "../../../src/device/tag.ts";
import type { Value } from "../../../src/device/quality.ts";
import { type LogRecord, loggerTo } from "../../../src/kit/logger.ts";
import { Signal } from "../../../src/kit/signal.ts";
import { instant, ms, type WallTime, wallTime } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import type { SampleChange, ServiceRequest } from "../../../src/link/messages.ts";
import { Bridge } from "../../../src/mqtt/json/bridge.ts";
import type { Broker, BrokerState, Publication, Received } from "../../../src/mqtt/broker/broker.ts";
import { deviceOf } from "../../support/plants/plant.ts";
import { endedJob } from "../../support/jobs/sample-job.ts";
import { tagLike } from "../../support/plants/tag.ts";

const at = instant(0);

const change = (tag: number, value: Value): SampleChange => ({
  tag,
  value,
  quality: "good",
  reason: "ok",
  sourceTime: at,
});

const reportRule = (given: Partial<ReportRule>): ReportRule => ({
  deadband: 0,
  minInterval: ms(0),
  maxInterval: undefined,
  ...given,
});

/** Its wall clock can be set. */
class SteppingClock extends VirtualClock {
  step = 0;

  override wall(): WallTime {
    return wallTime(super.wall() + this.step);
  }
}

/** A bridge for devices `belt` (speed, level) and `arm` (count) between a broker and a scan that are both this test. */
function rig(
  given: { readonly report?: Partial<ReportRule>; readonly bareTags?: boolean; readonly auto?: boolean } = {},
) {
  const clock = new SteppingClock();
  const published: Publication[] = [];
  const logged: LogRecord[] = [];
  const waiting: ((accepted: boolean) => void)[] = [];
  const changes = new Signal<BrokerState>();
  const received = new Signal<Received>();
  const broker: Broker = {
    changes,
    received,
    publish(publication, settled) {
      published.push(publication);
      if (given.auto === false) waiting.push(settled);
      else settled(true);
    },
  };
  const commands: Command[] = [];
  const services: [string, boolean][] = [];
  const outlet = {
    command: (command: Command) => commands.push(command) > 0,
    cancel: () => true,
    service: ({ device, enabled }: ServiceRequest) => services.push([device, enabled]) > 0,
    acknowledge: () => true,
  };
  const jobs = { submit: () => true, decide: () => true };
  const report = reportRule(given.report ?? {});
  const devices = [
    deviceOf("belt", [tagLike({ name: "speed", report }), tagLike({ name: "level" })]),
    deviceOf("arm", [tagLike({ name: "count" })]),
  ];
  const identity = { gateway: "gw", version: "1", plant: "p", scanPeriod: ms(20) };
  const intervals = { stateInterval: ms(1000), heartbeat: ms(60_000) };
  const bridge = new Bridge(
    { root: "r", identity, devices, intervals, bareTags: given.bareTags ?? false },
    { broker, outlet, jobs, clock, logger: loggerTo((record) => logged.push(record)) },
  );
  bridge.start();
  const up = (window = 20, maximumPacket = Infinity): void =>
    changes.emit({ state: "up", version: 5, window, maximumPacket });
  const down = (): void => changes.emit({ state: "down", reason: "gone", attempt: 1 });
  const samples = (...list: SampleChange[]): void =>
    bridge.samples({ kind: "samples", cycle: 1, samples: list, renewed: [] });
  /** Publications since the last call, as `topic values`. */
  const told = (): Publication[] => published.splice(0);
  const receive = (topic: string, payload: object, rest: Partial<Received> = {}): void =>
    received.emit({
      topic,
      payload: Buffer.from(JSON.stringify(payload)),
      retained: false,
      expiry: undefined,
      responseTopic: undefined,
      correlationData: undefined,
      ...rest,
    });
  return { clock, bridge, up, down, samples, told, receive, waiting, commands, services, logged };
}

const topicsOf = (publications: readonly Publication[]): string[] => publications.map(({ topic }) => topic);
const json = (publication: Publication | undefined): Record<string, unknown> =>
  JSON.parse(publication?.payload ?? "null") as Record<string, unknown>;
const status = (device: string, state: "online" | "offline") =>
  ({ device, status: state, since: at, reason: state === "online" ? undefined : "no answer" }) as const;

describe("the bridge", () => {
  it("on connect says that it is there, what it has, and all it knows; retained at QoS 1", () => {
    const { up, told, bridge } = rig();
    bridge.device(status("belt", "online"));
    assert.deepEqual(told(), []);
    up();
    const first = told();
    assert.deepEqual(topicsOf(first), [
      "r/_gw/status",
      "r/_gw/info",
      "r/belt/status",
      "r/belt/meta",
      "r/arm/meta",
      "r/belt/state",
      "r/arm/state",
    ]);
    assert.ok(first.every(({ qos, retain }) => qos === 1 && retain));
    assert.equal(json(first[0])["state"], "online");
  });

  it("says nothing twice on a connection after one that broke before anything was acknowledged", () => {
    const { up, down, told } = rig({ auto: false });
    up(10);
    const first = topicsOf(told());
    down();
    up(10);
    assert.deepEqual(topicsOf(told()), first);
  });

  it("publishes one data message per device and batch, not retained, counted by seq", () => {
    const { up, told, samples } = rig();
    up();
    told();
    samples(change(0, 1), change(2, 5), change(1, 2));
    samples(change(0, 3));
    const data = told().filter(({ topic }) => topic.endsWith("/data"));
    assert.deepEqual(
      data.map((each) => [each.topic, each.retain, json(each)["seq"], json(each)["values"]]),
      [
        ["r/belt/data", false, 1, { speed: 1, level: 2 }],
        ["r/arm/data", false, 1, { count: 5 }],
        ["r/belt/data", false, 2, { speed: 3 }],
      ],
    );
  });

  it("publishes state at most once per interval, and with the last change in it", async () => {
    const { up, told, samples, clock } = rig();
    up();
    await clock.advance(ms(1000));
    told();
    for (let step = 1; step <= 40; step++) {
      samples(change(0, step));
      await clock.advance(ms(50));
    }
    await clock.advance(ms(1000));
    const states = told().filter(({ topic }) => topic === "r/belt/state");
    assert.equal(states.length, 3);
    assert.deepEqual(json(states.at(-1))["values"], { speed: 40, level: null });
  });

  it("without a change repeats state only as heartbeat", async () => {
    const { up, told, clock } = rig();
    up();
    told();
    await clock.advance(ms(59_000));
    assert.deepEqual(told(), []);
    await clock.advance(ms(1100));
    assert.deepEqual(topicsOf(told()), ["r/belt/state", "r/arm/state"]);
  });

  it("defers what the minimum interval holds back; the last value gets out", async () => {
    const { up, told, samples, clock } = rig({ report: { minInterval: ms(500) } });
    up();
    samples(change(0, 1));
    told();
    for (const value of [2, 3, 4]) samples(change(0, value));
    assert.deepEqual(topicsOf(told()), []);
    await clock.advance(ms(550));
    assert.deepEqual(
      told().map((each) => json(each)["values"]),
      [{ speed: 4 }],
    );
  });

  it("repeats a tag after its maximum interval", async () => {
    const { up, told, samples, clock } = rig({ report: { maxInterval: ms(300) } });
    up();
    samples(change(0, 1));
    told();
    await clock.advance(ms(320));
    assert.deepEqual(
      told().map((each) => json(each)["values"]),
      [{ speed: 1 }],
    );
  });

  it("drops data while the broker is away, counts it, and catches up with state", () => {
    const { up, down, told, samples, bridge } = rig();
    up();
    down();
    told();
    for (let value = 0; value < 1000; value++) samples(change(0, value));
    assert.deepEqual(told(), []);
    assert.equal(bridge.counters().dropped, 1000);
    up();
    const state = told().find(({ topic }) => topic === "r/belt/state");
    assert.deepEqual(json(state)["values"], { speed: 999, level: null });
  });

  it("never has more in flight than the window, and then sends the newest only", () => {
    const { up, told, samples, waiting, bridge } = rig({ auto: false });
    up(3);
    for (let value = 0; value < 1000; value++) samples(change(0, value));
    assert.equal(told().length, 3);
    for (let settled = waiting.shift(); settled; settled = waiting.shift()) settled(true);
    const data = told().filter(({ topic }) => topic === "r/belt/data");
    assert.deepEqual(
      data.map((each) => json(each)["values"]),
      [{ speed: 999 }],
    );
    assert.equal(bridge.counters().coalesced, 999);
    assert.equal(bridge.counters().inFlight, 0);
  });

  it("does not send what is larger than the broker takes, and goes on with the rest", () => {
    const { up, told, samples, bridge, logged } = rig();
    up(20, 150);
    const topics = topicsOf(told());
    assert.ok(!topics.includes("r/_gw/info"));
    assert.ok(topics.includes("r/_gw/status"));
    assert.ok(topics.includes("r/arm/state"));
    const before = bridge.counters().tooLarge;
    for (let count = 0; count < 3; count++) bridge.event({ event: "x".repeat(200), at, fields: {} });
    samples(change(0, 1));
    assert.deepEqual(topicsOf(told()), ["r/belt/data"]);
    assert.equal(bridge.counters().tooLarge, before + 3);
    assert.equal(logged.filter(({ fields }) => fields["topic"] === "r/_gw/event").length, 1);
    assert.equal(bridge.counters().inFlight, 0);
  });

  it("publishes state at once when a device is back", async () => {
    const { up, told, bridge, samples, clock } = rig();
    up();
    bridge.device(status("belt", "offline"));
    samples(change(0, 1));
    await clock.advance(ms(1100));
    told();
    samples(change(0, 2));
    bridge.device(status("belt", "online"));
    await clock.advance(ms(50));
    assert.ok(topicsOf(told()).includes("r/belt/state"));
  });

  it("tells, by the clock's new time, that the wall clock was set", async () => {
    const { up, told, clock, logged } = rig();
    up();
    told();
    clock.step = -3_600_000;
    await clock.advance(ms(1000));
    const events = told().filter(({ topic }) => topic === "r/_gw/event");
    assert.deepEqual(
      events.map((each) => [json(each)["event"], json(each)["by"], json(each)["ts"]]),
      [["clock.stepped", -3_600_000, 1_795_219_200_100 - 3_600_000]],
    );
    assert.ok(logged.some(({ event }) => event === "clock.stepped"));
  });

  it("says in its info how far the wall clock is to be trusted, anew after a step", async () => {
    const { up, told, clock } = rig();
    clock.step = -1_795_219_200_000;
    up();
    const infos = () => told().filter(({ topic }) => topic === "r/_gw/info");
    assert.deepEqual(json(infos()[0])["clock"], { state: "unset", steps: 0 });
    await clock.advance(ms(1000));
    assert.equal(infos().length, 1);
    clock.step = 0;
    await clock.advance(ms(1000));
    const [info, ...more] = infos();
    const lastStep = { ts: 1_795_219_201_100, by: 1_795_219_200_000 };
    assert.deepEqual(json(info)["clock"], { state: "plausible", steps: 2, lastStep });
    assert.deepEqual(more, []);
  });

  it("publishes bare tags where that is wanted: QoS 0, retained", () => {
    const { up, told, samples } = rig({ bareTags: true });
    up();
    told();
    samples(change(0, 2n ** 63n));
    assert.deepEqual(
      told().filter(({ topic }) => topic.includes("/tag/")),
      [{ topic: "r/belt/tag/speed", payload: '"9223372036854775808"', qos: 0, retain: true }],
    );
  });

  it("shows a bare tag that is not good as null, and all of them once it has stopped", async () => {
    const { up, told, samples, bridge } = rig({ bareTags: true });
    const bare = (): readonly string[] =>
      told().flatMap(({ topic, payload }) => (topic === "r/belt/tag/speed" ? [payload] : []));
    up();
    samples(change(0, 7));
    assert.equal(bare().at(-1), "7");
    samples({ ...change(0, 7), quality: "stale", reason: "old" });
    assert.deepEqual(bare(), ["null"]);
    samples(change(0, 8));
    assert.deepEqual(bare(), ["8"]);
    await bridge.stop({ deadline: ms(100), orderly: true });
    assert.deepEqual(bare(), ["null"]);
  });

  it("flushes and says offline when it stops, and listens no more", async () => {
    const { up, told, bridge, samples, clock } = rig();
    up();
    samples(change(0, 1));
    told();
    await bridge.stop({ deadline: ms(100), orderly: true });
    const last = told();
    assert.deepEqual(last.map((each) => each.topic).at(-1), "r/_gw/status");
    assert.equal(json(last.at(-1))["state"], "offline");
    assert.deepEqual(clock.pending, []);
  });

  it("stops within its deadlines where the broker acknowledges nothing", async () => {
    const { up, bridge, clock } = rig({ auto: false });
    up(3);
    let stopped = false;
    const stopping = bridge.stop({ deadline: ms(100), orderly: true }).then(() => (stopped = true));
    await clock.advance(ms(250));
    assert.ok(stopped);
    await stopping;
  });
});

describe("commands over the bridge", () => {
  const resultOf = (id: string) =>
    ({ id, device: "belt", outcome: "verified", reason: undefined, took: ms(34), results: {} }) as const;

  it("reach the scan with their time to live, and are answered under res", () => {
    const { up, told, receive, commands, bridge } = rig();
    up();
    told();
    receive("r/belt/cmd/set", { id: "a1", set: { speed: 0.5 }, ttl: "2s" });
    assert.deepEqual(commands, [
      { id: "a1", device: "belt", set: [["speed", 0.5]], ttl: 2000, receivedAt: 0, origin: "mqtt" },
    ]);
    bridge.result({
      ...resultOf("a1"),
      results: { speed: { outcome: "verified", reason: undefined, sent: 0.5, readback: 0.5 } },
    });
    assert.deepEqual(
      told().map(({ shortened: _, ...sent }) => sent),
      [
        {
          topic: "r/belt/res/a1",
          payload: '{"id":"a1","outcome":"verified","results":{"speed":{"sent":0.5,"readback":0.5}},"ms":34}',
          qos: 1,
          retain: false,
          owed: "outcome",
        },
      ],
    );
  });

  it("are answered where they ask to be, with their correlation data", () => {
    const { up, told, receive, bridge } = rig();
    up();
    told();
    const correlationData = Buffer.from("c7");
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } }, { responseTopic: "me/answers", correlationData });
    bridge.result(resultOf("a"));
    assert.deepEqual(
      told().map((each) => [each.topic, each.correlationData]),
      [["me/answers", correlationData]],
    );
  });

  it("are not answered on our own state topics, whatever they ask", () => {
    const { up, told, receive, bridge } = rig();
    up();
    told();
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } }, { responseTopic: "r/belt/state" });
    bridge.result(resultOf("a"));
    assert.deepEqual(topicsOf(told()), ["r/belt/res/a"]);
  });

  it("with the id of one under way are sent once and answered to each asker", () => {
    const { up, told, receive, bridge, commands } = rig();
    up();
    told();
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } });
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } }, { responseTopic: "me" });
    bridge.result(resultOf("a"));
    assert.equal(commands.length, 1);
    assert.deepEqual(topicsOf(told()), ["r/belt/res/a", "me"]);
  });

  it("live no longer than the message that brought them", () => {
    const { up, receive, commands } = rig();
    up();
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 }, ttl: "1h" }, { expiry: 3 });
    assert.equal(commands[0]?.ttl, 3000);
  });

  it("that are retained are rejected", () => {
    const { up, told, receive, commands } = rig();
    up();
    told();
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } }, { retained: true });
    assert.deepEqual(commands, []);
    const [answer] = told();
    assert.equal(json(answer)["outcome"], "rejected");
    assert.match(String(json(answer)["reason"]), /retained/);
  });

  it("beyond those that may be without an outcome are rejected as busy", () => {
    const { up, told, receive, commands } = rig();
    up();
    told();
    for (let count = 0; count < 300; count++) receive("r/belt/cmd/set", { id: `c${count}`, set: { speed: 1 } });
    assert.equal(commands.length, 256);
    const answers = told();
    assert.equal(answers.length, 44);
    assert.match(String(json(answers[0])["reason"]), /^busy/);
  });

  it("are not accepted while too many outcomes wait for the broker, and every outcome gets there", () => {
    const { up, told, receive, commands, bridge, waiting } = rig({ auto: false });
    up(1);
    for (let count = 0; count < 600; count++) {
      receive("r/belt/cmd/set", { id: `c${count}`, set: { speed: 1 } });
      if (commands.length === count + 1) bridge.result(resultOf(`c${count}`));
    }
    assert.equal(commands.length, 256);
    for (let settled = waiting.shift(); settled; settled = waiting.shift()) settled(true);
    const outcomes = told().map((each) => json(each)["outcome"]);
    assert.equal(outcomes.filter((outcome) => outcome === "verified").length, 256);
    assert.equal(outcomes.filter((outcome) => outcome === "rejected").length, 344);
    assert.equal(bridge.counters().dropped, 0);
  });

  it("have an outcome that no flood of bad requests can push out", () => {
    const { up, told, receive, bridge, waiting } = rig({ auto: false });
    up(1);
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } });
    bridge.result(resultOf("a"));
    for (let count = 0; count < 5000; count++) receive("r/belt/cmd/set", { id: `bad${count}` });
    for (let settled = waiting.shift(); settled; settled = waiting.shift()) settled(true);
    const topics = topicsOf(told());
    assert.ok(topics.includes("r/belt/res/a"));
    assert.ok(topics.includes("r/belt/res/bad0"));
    assert.equal(bridge.counters().unanswered, 5000 - 1024);
    assert.equal(bridge.counters().dropped, 0);
  });

  it("are told again what the broker had not acknowledged when the connection broke, in order, and events too", () => {
    const { up, down, told, bridge, waiting } = rig({ auto: false });
    up(10);
    for (let settled = waiting.shift(); settled; settled = waiting.shift()) settled(true);
    bridge.event({ event: "first", at, fields: {} });
    for (const id of ["a", "b", "c"]) bridge.result(resultOf(id));
    const owed = ["r/_gw/event", "r/belt/res/a", "r/belt/res/b", "r/belt/res/c"];
    assert.deepEqual(topicsOf(told()).slice(-4), owed);
    waiting.splice(0)[1]?.(true);
    for (let breaks = 0; breaks < 3; breaks++) {
      down();
      waiting.splice(0);
      up(2);
      assert.deepEqual(topicsOf(told()), ["r/_gw/event", "r/belt/res/b"]);
    }
    for (let settled = waiting.shift(); settled; settled = waiting.shift()) settled(true);
    const rest = topicsOf(told());
    assert.equal(rest[0], "r/belt/res/c");
    assert.equal(rest.filter((topic) => owed.includes(topic)).length, 1);
  });

  it("of jobs are known as told when the broker has them, also those of the master before", () => {
    const { up, down, told, bridge, waiting } = rig({ auto: false });
    const ends: string[] = [];
    const noted = ({ id }: { readonly id: string }): unknown => ends.push(id);
    bridge.jobsRecalled({ changes: [], untold: [endedJob({ id: "before" })] }, noted);
    up(100);
    bridge.jobs([{ kind: "job", job: endedJob({ id: "now" }) }], noted);
    down();
    waiting.splice(0);
    assert.deepEqual(ends, []);
    told();
    up(100);
    const topics = topicsOf(told()).filter((topic) => topic.includes("/res/"));
    assert.deepEqual(topics, ["r/_pool/pickers/res/before", "r/_pool/pickers/res/now"]);
    for (let settled = waiting.shift(); settled; settled = waiting.shift()) settled(true);
    assert.deepEqual(ends, ["before", "now"]);
  });

  it("that the scan never ends are answered as unknown", async () => {
    const { up, told, receive, clock } = rig();
    up();
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 }, ttl: "1s" });
    await clock.advance(ms(60_900));
    assert.ok(!topicsOf(told()).includes("r/belt/res/a"));
    await clock.advance(ms(200));
    const answer = told().find(({ topic }) => topic === "r/belt/res/a");
    assert.equal(json(answer)["outcome"], "unknown");
  });

  it("to a device that is not of the plant are rejected", () => {
    const { up, told, receive } = rig();
    up();
    told();
    receive("r/nobody/cmd/set", { id: "a", set: { speed: 1 } });
    assert.deepEqual(
      told().map((each) => [each.topic, json(each)["reason"]]),
      [["r/nobody/res/a", 'unknown device "nobody"']],
    );
  });

  it("of a kind that does not exist are rejected, and told what there is", () => {
    const { up, told, receive } = rig();
    up();
    told();
    receive("r/belt/cmd/sett", { id: "a", set: { speed: 1 } });
    assert.deepEqual(
      told().map((each) => [each.topic, json(each)["reason"]]),
      [["r/belt/res/a", 'unknown request cmd/sett; did you mean "set"? (known: set, call, arm, cancel, service, ack)']],
    );
  });

  it("without a usable id become an event, and an answer where they say where", () => {
    const { up, told, receive } = rig();
    up();
    told();
    receive("r/belt/cmd/set", { set: { speed: 1 } }, { responseTopic: "me" });
    const [answer, event] = told();
    assert.deepEqual([answer?.topic, json(answer)["id"], json(answer)["outcome"]], ["me", null, "rejected"]);
    assert.deepEqual(
      [event?.topic, json(event)["event"], json(event)["topic"]],
      ["r/_gw/event", "command.bad", "r/belt/cmd/set"],
    );
  });

  const misuses: readonly [what: string, leaf: string, payload: object, rest: Partial<Received>][] = [
    ["that cannot be read", "cmd/set", { id: "a", set: {} }, {}],
    ["that is retained", "cmd/set", { id: "a", set: { speed: 2 } }, { retained: true }],
    ["to take the device out of service", "cmd/service", { id: "a", enabled: "no" }, {}],
    ["with another id", "cmd/set", { id: "b", set: {} }, { responseTopic: "r/belt/res/a" }],
    ["without an id", "cmd/set", {}, { responseTopic: "r/belt/res/a" }],
    ["for something else with their id", "cmd/set", { id: "a", set: { speed: 2 } }, {}],
  ];
  for (const [what, leaf, payload, rest] of misuses) {
    it(`are not called rejected while they are under way because of a request ${what}`, () => {
      const { up, told, receive, bridge } = rig();
      up();
      receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } });
      told();
      receive(`r/belt/${leaf}`, payload, rest);
      const [event, ...more] = told();
      assert.deepEqual([event?.topic, json(event)["event"], more], ["r/_gw/event", "command.bad", []]);
      bridge.result(resultOf("a"));
      assert.deepEqual(
        told().map((each) => [each.topic, json(each)["outcome"]]),
        [["r/belt/res/a", "verified"]],
      );
    });
  }

  it("with the id of one under way and other content are rejected where they say where", () => {
    const { up, told, receive, commands } = rig();
    up();
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } });
    told();
    receive("r/belt/cmd/set", { id: "a", set: { speed: 2 } }, { responseTopic: "me" });
    receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } }, { responseTopic: "me" });
    const answers = told();
    assert.deepEqual(
      answers.map((each) => [each.topic, json(each)["outcome"], json(each)["reason"]]),
      [["me", "rejected", 'id "a" is under way with other content; take a new id for every command']],
    );
    assert.equal(commands.length, 1);
  });

  it("have an outcome without its results where the broker takes no larger one, which says so", () => {
    const { up, told, bridge } = rig();
    up(20, 400);
    told();
    const results = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`tag${index}`, { ...resultOf("a").results, sent: 1, readback: 1 }]),
    ) as unknown as CommandResult["results"];
    bridge.result({ ...resultOf("a"), reason: "x".repeat(1000), results });
    const [answer] = told();
    assert.deepEqual(
      [answer?.topic, json(answer)["outcome"], json(answer)["results"], answer?.payload.includes("tag1")],
      ["r/belt/res/a", "verified", {}, false],
    );
    assert.match(String(json(answer)["shortened"]), /larger than the broker takes/);
    assert.equal(bridge.counters().tooLarge, 0);
  });

  for (const [orderly, outcome] of [
    [true, "rejected"],
    [false, "unknown"],
  ] as const) {
    it(`that the scan never answered end as ${outcome} when it ${orderly ? "stops in order" : "vanishes"}`, async () => {
      const { up, told, receive, bridge } = rig();
      up();
      receive("r/belt/cmd/set", { id: "a", set: { speed: 1 } });
      told();
      await bridge.stop({ deadline: ms(100), orderly });
      const answer = told().find(({ topic }) => topic === "r/belt/res/a");
      assert.equal(json(answer)["outcome"], outcome);
    });
  }

  it("have outcomes that wait at the end for a broker that is away, and are logged when it does not come", async () => {
    const { up, down, told, bridge, clock, logged } = rig();
    up();
    down();
    bridge.result(resultOf("a"));
    const stopping = bridge.stop({ deadline: ms(100), orderly: true });
    told();
    await clock.advance(ms(101));
    await stopping;
    const lost = logged.filter(({ event }) => event === "outcome.untold");
    assert.deepEqual(
      lost.map(({ fields }) => fields["topic"]),
      ["r/belt/res/a"],
    );
  });

  it("have outcomes that a broker which comes back in time still gets", async () => {
    const { up, told, bridge, clock, logged } = rig();
    bridge.result(resultOf("a"));
    const stopping = bridge.stop({ deadline: ms(100), orderly: true });
    await clock.advance(ms(50));
    up();
    await stopping;
    assert.ok(topicsOf(told()).includes("r/belt/res/a"));
    assert.ok(!logged.some(({ event }) => event === "outcome.untold"));
  });

  it("have outcomes that are logged when the broker does not acknowledge them before the end", async () => {
    const { up, bridge, clock, logged } = rig({ auto: false });
    up();
    bridge.result(resultOf("a"));
    const stopping = bridge.stop({ deadline: ms(100), orderly: true });
    await clock.advance(ms(300));
    await stopping;
    assert.deepEqual(logged.filter(({ event }) => event === "outcome.untold").length, 1);
  });

  const late: readonly [what: string, payload: object, rest: Partial<Received>][] = [
    ["their notAfter is past", { notAfter: 1 }, {}],
    ["their message has expired", {}, { expiry: 0 }],
  ];
  for (const [what, more, rest] of late) {
    it(`to take a device out of service are rejected when ${what}`, () => {
      const { up, receive, services, told } = rig();
      up();
      told();
      receive("r/belt/cmd/service", { id: "s", enabled: false, ...more }, rest);
      assert.deepEqual(services, []);
      assert.match(String(json(told()[0])["reason"]), /^expired/);
    });
  }

  it("can take a device out of service", () => {
    const { up, receive, services, told } = rig();
    up();
    told();
    receive("r/belt/cmd/service", { id: "s", enabled: false });
    assert.deepEqual(services, [["belt", false]]);
    assert.deepEqual(told(), []);
  });
});
