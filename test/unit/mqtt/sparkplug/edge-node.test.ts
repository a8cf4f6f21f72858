import assert from "node:assert/strict";
import type { SetCommand } from "../../../../src/command/command.ts";
import type { LogRecord } from "../../../../src/kit/logger.ts";
import { loggerTo } from "../../../../src/kit/logger.ts";
import { Signal } from "../../../../src/kit/signal.ts";
import { instant, ms } from "../../../../src/kit/time.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";
import type { PlantStatistics, SampleChange } from "../../../../src/link/messages.ts";
import type { BrokerState, Leaving, Publication, Received, SessionBroker } from "../../../../src/mqtt/broker/broker.ts";
import { EdgeNode } from "../../../../src/mqtt/sparkplug/edge-node.ts";
import { Outbox } from "../../../../src/store/outbox.ts";
import { sparkplugTopics } from "../../../../src/mqtt/sparkplug/sparkplug-topics.ts";
import { deviceOf } from "../../../support/plants/plant.ts";
import { covers } from "../../../support/mqtt/sparkplug-ids.ts";
import { tagLike } from "../../../support/plants/tag.ts";
import {
  tahuDecode,
  tahuEncode,
  type TahuMetric,
  type TahuPayload,
  valueOf,
} from "../../../support/mqtt/tahu-payload.ts";

const UP = { state: "up", version: 5, window: 64, maximumPacket: Infinity } as const;
const GROUP = { group: "plant", edgeNode: "line" };
const WRITE = {
  kind: "level",
  range: undefined,
  ramp: undefined,
  readWrite: false,
  maxChange: undefined,
  requires: [],
  role: "operator",
  safe: undefined,
  verify: { by: "readback", tolerance: 0, within: ms(100) },
  refresh: undefined,
  onReturn: "hold",
} as const;

function outboxOf(clock: VirtualClock): Outbox {
  const onError = (error: unknown): void => assert.fail(String(error));
  return new Outbox({ store: undefined, shelf: "history", clock, maxAge: ms(1e9), pace: ms(1), onError });
}

interface Told {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: TahuPayload;
}

interface Given {
  readonly primaryHost?: string;
  readonly hasAlternatives?: boolean;
  readonly last?: number;
  readonly keeps?: boolean;
  readonly window?: number;
}

/** An edge node for `belt` (speed, total, setpoint to write) and `meter` (energy) between a broker and a scan that are this test. */
async function rig({ primaryHost, hasAlternatives = false, last, keeps, window }: Given = {}) {
  const clock = new VirtualClock();
  const told: Told[] = [];
  const waiting: ((accepted: boolean) => void)[] = [];
  const left: Leaving[] = [];
  const saved: number[] = [];
  const logged: LogRecord[] = [];
  const commands: SetCommand[] = [];
  const changes = new Signal<BrokerState>();
  const received = new Signal<Received>();
  const confirms: (() => void)[] = [];
  const broker: SessionBroker<Uint8Array> = {
    confirm: (arrived) => confirms.push(arrived),
    changes,
    received,
    leave: (how) => {
      left.push(how);
      changes.emit({ state: "down", reason: "left", attempt: 0 });
    },
    publish: (publication, settled) => {
      told.push(read(publication));
      if (window === undefined) settled(true);
      else waiting.push(settled);
    },
  };
  const devices = [
    deviceOf("belt", [
      tagLike({ name: "speed", report: { deadband: 0.5, minInterval: ms(0), maxInterval: ms(100) } }),
      tagLike({ name: "total", type: "uint64" }),
      tagLike({ name: "setpoint", type: "int16", write: WRITE }),
    ]),
    deviceOf("meter", [
      tagLike({ name: "energy", type: "float32" }),
      tagLike({ name: "Energy", scanClass: "onDemand" }),
    ]),
  ];
  const node = new EdgeNode(
    {
      ...GROUP,
      primaryHost,
      hasAlternatives,
      identity: { gateway: "gw", version: "1.2.3", plant: "hall", scanPeriod: ms(20) },
      devices,
      commandPrefix: "sp-x-",
      deathNumbers: { load: async () => last, save: (bdSeq) => saved.push(bdSeq) },
      outbox: keeps === true ? outboxOf(clock) : undefined,
    },
    {
      broker,
      outlet: { command: (command) => commands.push(command) > 0 },
      clock,
      logger: loggerTo((r) => logged.push(r)),
    },
  );
  await node.start();
  const connect = (): Told => {
    const will = read(node.will());
    node.connectSent();
    changes.emit({ ...UP, window: window ?? 64 });
    return will;
  };
  const hear = (topic: string, payload: Uint8Array | string, retained = false): void =>
    received.emit({
      topic,
      payload: typeof payload === "string" ? Buffer.from(payload) : payload,
      retained,
      expiry: undefined,
      responseTopic: undefined,
      correlationData: undefined,
    });
  const sample = (tag: number, value: SampleChange["value"], quality: SampleChange["quality"] = "good"): void =>
    node.samples({
      kind: "samples",
      cycle: 1,
      samples: [
        {
          tag,
          value,
          quality,
          reason: quality === "good" ? "ok" : quality === "stale" ? "old" : "offline",
          sourceTime: clock.now(),
        },
      ],
      renewed: [],
    });
  const online = (device: string): void =>
    node.device({ device, status: "online", since: clock.now(), reason: undefined });
  const offline = (device: string): void =>
    node.device({ device, status: "offline", since: clock.now(), reason: "no answer" });
  /** What was told since the last such question. */
  const news = (): readonly Told[] => told.splice(0);
  return {
    clock,
    node,
    told,
    confirms,
    waiting,
    left,
    saved,
    logged,
    commands,
    changes,
    connect,
    hear,
    sample,
    online,
    offline,
    news,
  };
}

function read({ topic, payload, qos, retain }: Publication<Uint8Array>): Told {
  return { topic, qos, retain, payload: tahuDecode(payload) };
}

function metric({ payload }: Told, name: string): TahuMetric {
  const found = payload.metrics.find((each) => each.name === name);
  assert.ok(found, `no metric ${name}`);
  return found;
}

const topicsOf = (told: readonly Told[]): readonly string[] =>
  told.map(({ topic }) => topic.replace("spBv1.0/plant/", ""));
const quality = (of: TahuMetric | undefined): number | undefined => of?.properties?.values[0]?.intValue;

/** A session in which both devices are born. */
async function alive(given: Given = {}) {
  const it = await rig(given);
  it.online("belt");
  it.online("meter");
  it.connect();
  const births = it.news();
  return { ...it, births };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list.at(index);
  assert.ok(found !== undefined, `nothing at ${index}`);
  return found;
}

const statistics = (skipped: number): PlantStatistics => {
  const percentiles = { count: 1, p50: ms(0), p90: ms(0), p99: ms(0.25), p999: ms(0), max: ms(0) };
  const counts = { cycles: 1, skipped, blocksPlanned: 1, blocksDone: 1, blocksMissed: 0, overruns: 0 };
  return {
    cycle: {
      period: ms(20),
      ...counts,
      total: counts,
      lateness: percentiles,
      busy: percentiles,
      last: undefined,
    },
    lines: [],
    link: { coalesced: 0, dropped: 0 },
  };
};

describe("the Sparkplug edge node", () => {
  it(
    covers(
      "asks for a will that says its death and nothing else",
      "message-flow-edge-node-birth-publish-will-message",
      "message-flow-edge-node-birth-publish-will-message-topic",
      "message-flow-edge-node-birth-publish-will-message-payload",
      "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
      "message-flow-edge-node-birth-publish-will-message-qos",
      "message-flow-edge-node-birth-publish-will-message-will-retained",
      "payloads-ndeath-will-message",
      "payloads-ndeath-will-message-qos",
      "payloads-ndeath-will-message-retain",
      "payloads-ndeath-bdseq",
      "payloads-ndeath-seq",
      "topics-ndeath-topic",
      "topics-ndeath-payload",
      "topics-ndeath-seq",
    ),
    async () => {
      const { connect, clock } = await rig();
      const { topic, qos, retain, payload } = connect();
      assert.deepEqual([topic, qos, retain], ["spBv1.0/plant/NDEATH/line", 1, false]);
      const timestamp = String(clock.wall());
      assert.deepEqual(payload, {
        timestamp,
        metrics: [{ name: "bdSeq", timestamp, datatype: 4, longValue: "0" }],
      });
    },
  );

  it(
    covers(
      "counts a bdSeq for every CONNECT that is under way, from 0, after 255 from 0 again, and goes on after a restart",
      "topics-nbirth-bdseq-increment",
    ),
    async () => {
      const { connect, node, saved } = await rig();
      const numbers = [connect(), connect(), connect()].map((will) => metric(will, "bdSeq").longValue);
      assert.deepEqual(
        [numbers, saved],
        [
          ["0", "1", "2"],
          [0, 1, 2],
        ],
      );
      node.will();
      assert.equal(metric(read(node.will()), "bdSeq").longValue, "3", "an attempt that reached nobody uses none");
      const later = await rig({ last: 254 });
      assert.deepEqual(
        [later.connect(), later.connect(), later.connect()].map((will) => metric(will, "bdSeq").longValue),
        ["255", "0", "1"],
      );
    },
  );

  it(
    covers(
      "tells its birth first: bdSeq of the will, the door to a rebirth, and every metric with name, type and value",
      "topics-nbirth-topic",
      "topics-nbirth-mqtt",
      "topics-nbirth-timestamp",
      "topics-nbirth-metric-reqs",
      "topics-nbirth-metrics",
      "topics-nbirth-bdseq-included",
      "topics-nbirth-bdseq-matching",
      "topics-nbirth-rebirth-metric",
      "message-flow-edge-node-birth-publish-nbirth-topic",
      "message-flow-edge-node-birth-publish-nbirth-payload",
      "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
      "message-flow-edge-node-birth-publish-nbirth-qos",
      "message-flow-edge-node-birth-publish-nbirth-retained",
      "message-flow-edge-node-birth-publish-nbirth-payload-seq",
      "operational-behavior-data-publish-nbirth",
      "operational-behavior-data-publish-nbirth-values",
      "operational-behavior-data-commands-rebirth-name",
      "operational-behavior-data-commands-rebirth-name-aliases",
      "operational-behavior-data-commands-rebirth-datatype",
      "operational-behavior-data-commands-rebirth-value",
      "payloads-nbirth-timestamp",
      "payloads-nbirth-seq",
      "payloads-nbirth-bdseq",
      "payloads-nbirth-bdseq-repeat",
      "payloads-nbirth-rebirth-req",
      "payloads-nbirth-qos",
      "payloads-nbirth-retain",
      "payloads-sequence-num-req-nbirth",
    ),
    async () => {
      const { connect, news, clock } = await rig({ last: 40 });
      connect();
      const [birth] = news();
      assert.ok(birth);
      assert.deepEqual([birth.topic, birth.qos, birth.retain], ["spBv1.0/plant/NBIRTH/line", 0, false]);
      const timestamp = String(clock.wall());
      assert.deepEqual([birth.payload.seq, birth.payload.timestamp], ["0", timestamp]);
      assert.deepEqual(metric(birth, "bdSeq"), { name: "bdSeq", timestamp, datatype: 4, longValue: "41" });
      const rebirth = { name: "Node Control/Rebirth", timestamp, datatype: 11, booleanValue: false };
      assert.deepEqual(metric(birth, "Node Control/Rebirth"), rebirth);
      assert.deepEqual(
        birth.payload.metrics
          .slice(2)
          .map((each) => [each.name, each.datatype, each.isNull === true ? null : valueOf(each)]),
        [
          ["Node Info/Gateway", 12, "stringValue gw"],
          ["Node Info/Plant", 12, "stringValue hall"],
          ["Node Info/Version", 12, "stringValue 1.2.3"],
          ["Node Info/Scan Period", 10, "doubleValue 20"],
          ["Scan/Skipped Cycles", 8, null],
          ["Scan/Missed Reads", 8, null],
          ["Scan/Overruns", 8, null],
          ["Scan/Lateness P99", 10, null],
        ],
      );
    },
  );

  it(
    covers(
      "tells the birth of each device that answers, with every metric it will ever tell of",
      "topics-dbirth-topic",
      "topics-dbirth-mqtt",
      "topics-dbirth-timestamp",
      "topics-dbirth-metric-reqs",
      "topics-dbirth-metrics",
      "message-flow-device-birth-publish-dbirth-topic",
      "message-flow-device-birth-publish-dbirth-match-edge-node-topic",
      "message-flow-device-birth-publish-dbirth-payload",
      "message-flow-device-birth-publish-dbirth-qos",
      "message-flow-device-birth-publish-dbirth-retained",
      "message-flow-device-birth-publish-dbirth-payload-seq",
      "operational-behavior-data-publish-dbirth",
      "operational-behavior-data-publish-dbirth-values",
      "payloads-dbirth-timestamp",
      "payloads-dbirth-seq",
      "payloads-dbirth-qos",
      "payloads-dbirth-retain",
      "payloads-metric-datatype-req",
    ),
    async () => {
      const { node, connect, news, clock, sample, online } = await rig();
      sample(0, 3);
      sample(1, 2n ** 64n - 1n);
      online("belt");
      node.device({ device: "meter", status: "connecting", since: clock.now(), reason: "no answer yet" });
      connect();
      const told = news();
      assert.deepEqual(topicsOf(told), ["NBIRTH/line", "DBIRTH/line/belt"]);
      const birth = at(told, 1);
      assert.deepEqual([birth.qos, birth.retain, birth.payload.seq], [0, false, "1"]);
      assert.equal(birth.payload.timestamp, String(clock.wall()));
      assert.deepEqual(
        birth.payload.metrics.map((each) => [each.name, each.datatype, each.isNull === true ? null : valueOf(each)]),
        [
          ["speed", 6, "intValue 3"],
          ["total", 8, "longValue 18446744073709551615"],
          ["setpoint", 2, null],
          ["Command/Count", 7, "longValue 0"],
          ["Command/Outcome", 12, null],
          ["Command/Reason", 12, null],
        ],
      );
      node.device({ device: "meter", status: "degraded", since: clock.now(), reason: "x refused" });
      const [meter] = news();
      assert.deepEqual([meter?.topic, meter?.payload.seq], ["spBv1.0/plant/DBIRTH/line/meter", "2"]);
    },
  );

  it(
    covers(
      "gives every metric an alias of its own, and tells data by alias alone, without name and type",
      "payloads-alias-uniqueness",
      "payloads-alias-birth-requirement",
      "payloads-alias-data-cmd-requirement",
      "payloads-name-requirement",
      "payloads-metric-datatype-not-req",
    ),
    async () => {
      const { births, sample, node, news } = await alive();
      const declared = births.flatMap(({ payload }) => payload.metrics).filter(({ alias }) => alias !== undefined);
      assert.equal(new Set(declared.map(({ alias }) => alias)).size, declared.length);
      assert.ok(declared.every(({ name }) => name !== undefined));
      const unaliased = births.flatMap(({ payload }) => payload.metrics).filter(({ alias }) => alias === undefined);
      assert.deepEqual(
        unaliased.map(({ name }) => name),
        ["bdSeq", "Node Control/Rebirth"],
      );
      sample(1, 5n);
      node.stats(statistics(1));
      for (const { payload } of news()) {
        assert.ok(payload.metrics.length > 0);
        for (const { name, alias, datatype } of payload.metrics)
          assert.deepEqual([name, alias !== undefined, datatype], [undefined, true, undefined]);
      }
    },
  );

  it(
    covers(
      "tells what changed of a device, and nothing else, when it changes",
      "topics-ddata-topic",
      "topics-ddata-mqtt",
      "topics-ddata-timestamp",
      "topics-ddata-payload",
      "payloads-ddata-timestamp",
      "payloads-ddata-seq",
      "payloads-ddata-qos",
      "payloads-ddata-retain",
      "operational-behavior-data-publish-dbirth-change",
      "principles-rbe-recommended",
    ),
    async () => {
      const { births, sample, news, clock } = await alive();
      sample(0, 1);
      const [first, ...rest] = news();
      assert.ok(first);
      assert.deepEqual([first.topic, first.qos, first.retain, rest], ["spBv1.0/plant/DDATA/line/belt", 0, false, []]);
      assert.deepEqual([first.payload.seq, first.payload.timestamp], ["3", String(clock.wall())]);
      assert.deepEqual(
        first.payload.metrics.map((each) => [each.alias, valueOf(each)]),
        [[metric(at(births, 1), "speed").alias, "intValue 1"]],
      );
      sample(0, 1.25);
      sample(0, 1);
      await clock.advance(ms(5000));
      assert.deepEqual(news(), [], "within its deadband, and unchanged, though its maxInterval is over");
    },
  );

  it(
    covers(
      "tells what changed of the node",
      "topics-ndata-topic",
      "topics-ndata-mqtt",
      "topics-ndata-timestamp",
      "topics-ndata-payload",
      "payloads-ndata-timestamp",
      "payloads-ndata-seq",
      "payloads-ndata-qos",
      "payloads-ndata-retain",
      "operational-behavior-data-publish-nbirth-change",
    ),
    async () => {
      const { births, node, news, clock } = await alive();
      node.stats(statistics(2));
      const [first] = news();
      assert.ok(first);
      assert.deepEqual([first.topic, first.qos, first.retain], ["spBv1.0/plant/NDATA/line", 0, false]);
      assert.deepEqual([first.payload.seq, first.payload.timestamp], ["3", String(clock.wall())]);
      node.stats(statistics(1));
      node.stats(statistics(0));
      const [second, ...rest] = news();
      assert.deepEqual(rest, []);
      assert.deepEqual(
        second?.payload.metrics.map((each) => [each.alias, valueOf(each)]),
        [[metric(at(births, 0), "Scan/Skipped Cycles").alias, "longValue 3"]],
      );
    },
  );

  it(
    covers(
      "gives the time a value was read, in UTC, oldest first in a message",
      "payloads-name-birth-data-requirement",
      "payloads-metric-timestamp-in-UTC",
      "payloads-timestamp-in-UTC",
      "operational-behavior-data-publish-dbirth-order",
      "operational-behavior-data-publish-nbirth-order",
    ),
    async () => {
      const { node, news, clock, births } = await alive();
      assert.ok(births.every(({ payload }) => payload.metrics.every(({ timestamp }) => timestamp !== undefined)));
      await clock.advance(ms(1000));
      const change = (tag: number, value: number | bigint, read: number): SampleChange => {
        return { tag, value, quality: "good", reason: "ok", sourceTime: instant(read) };
      };
      node.samples({ kind: "samples", cycle: 1, samples: [change(0, 9, 990), change(1, 8n, 400)], renewed: [] });
      const wall = clock.wall() - 1000;
      const [data] = news();
      assert.deepEqual(
        data?.payload.metrics.map((each) => [valueOf(each), Number(each.timestamp) - wall]),
        [
          ["longValue 8", 400],
          ["intValue 9", 990],
        ],
      );
      assert.equal(data.payload.metrics[0]?.isHistorical, undefined);
    },
  );

  it(
    covers(
      "says of every value how far it is to be trusted, as a property",
      "payloads-propertyset-keys-array-size",
      "payloads-propertyset-values-array-size",
      "payloads-metric-propertyvalue-type-type",
      "payloads-metric-propertyvalue-type-value",
      "payloads-metric-propertyvalue-type-req",
      "payloads-propertyset-quality-value-type",
      "payloads-propertyset-quality-value-value",
    ),
    async () => {
      const { births, sample, news } = await alive();
      for (const each of births.flatMap(({ payload }) => payload.metrics).filter(({ alias }) => alias !== undefined)) {
        assert.deepEqual(each.properties?.keys, ["Quality"]);
        assert.deepEqual(
          each.properties.values.map(({ type }) => type),
          [3],
        );
        assert.ok([0, 192, 500].includes(quality(each) ?? -1));
      }
      sample(0, 1);
      sample(0, 1, "stale");
      sample(0, null, "bad");
      sample(0, 1);
      const told = news().flatMap(({ payload }) => payload.metrics);
      assert.deepEqual(
        told.map((each) => [each.isNull === true ? null : valueOf(each), quality(each)]),
        [
          ["intValue 1", 192],
          ["intValue 1", 500],
          [null, 0],
          ["intValue 1", 192],
        ],
      );
    },
  );

  it(
    covers("numbers every message but the death, one after the other", "payloads-sequence-num-always-included"),
    async () => {
      const { births, sample, news, offline, online, node } = await alive();
      sample(0, 1);
      node.stats(statistics(1));
      offline("meter");
      online("meter");
      await node.stop(ms(100));
      const all = [...births, ...news()];
      assert.deepEqual(
        all.map(({ topic, payload }) => `${topic.split("/")[2] ?? ""} ${payload.seq ?? "-"}`),
        ["NBIRTH 0", "DBIRTH 1", "DBIRTH 2", "DDATA 3", "NDATA 4", "DDEATH 5", "DBIRTH 6", "NDEATH -"],
      );
    },
  );

  it(
    covers(
      "tells the death of a device that is gone, and what it became meanwhile in its next birth only",
      "topics-ddeath-topic",
      "topics-ddeath-mqtt",
      "payloads-ddeath-timestamp",
      "payloads-ddeath-seq",
    ),
    async () => {
      const { offline, online, sample, news, clock } = await alive();
      offline("belt");
      const [death] = news();
      assert.ok(death);
      assert.deepEqual([death.topic, death.qos, death.retain], ["spBv1.0/plant/DDEATH/line/belt", 0, false]);
      assert.deepEqual(death.payload, { timestamp: String(clock.wall()), seq: "3", metrics: [] });
      sample(1, 77n);
      assert.deepEqual(news(), []);
      online("belt");
      const [birth, ...rest] = news();
      assert.ok(birth);
      assert.deepEqual([birth.topic, rest], ["spBv1.0/plant/DBIRTH/line/belt", []]);
      assert.equal(valueOf(metric(birth, "total")), "longValue 77");
    },
  );

  it(
    covers(
      "says at an orderly end that it is dead",
      "payloads-ndeath-will-message-publisher",
      "payloads-ndeath-will-message-publisher-disconnect-mqtt311",
    ),
    async () => {
      const { node, news, births } = await alive({ last: 8 });
      await node.stop(ms(100));
      const [death, ...rest] = news();
      assert.ok(death);
      assert.deepEqual([death.topic, rest], ["spBv1.0/plant/NDEATH/line", []]);
      assert.deepEqual([death.qos, death.retain, death.payload.seq], [1, false, undefined]);
      assert.equal(metric(death, "bdSeq").longValue, metric(at(births, 0), "bdSeq").longValue);
    },
  );

  it("hears only of its own group, node and devices", () => {
    const topics = sparkplugTopics(GROUP, "scada");
    assert.deepEqual(topics.parse("spBv1.0/plant/NCMD/line"), { kind: "NCMD" });
    assert.deepEqual(topics.parse("spBv1.0/plant/DCMD/line/belt"), { kind: "DCMD", device: "belt" });
    for (const other of [
      "spBv1.0/plant/NCMD/line/x",
      "spBv1.0/x/NCMD/line",
      "spBv1.0/plant/DCMD/line/",
      "spBv1.0/plant/DCMD/line/a/b",
      "spAv1.0/plant/NCMD/line",
      "spBv1.0/STATE/other",
    ])
      assert.equal(topics.parse(other), undefined, other);
  });

  it(
    covers(
      "names its topics by group, node and device, and subscribes to commands for what can be written",
      "topic-structure",
      "topic-structure-namespace-a",
      "topic-structure-namespace-device-id-associated-message-types",
      "topic-structure-namespace-device-id-non-associated-message-types",
      "message-flow-edge-node-ncmd-subscribe",
      "message-flow-device-dcmd-subscribe",
      "operational-behavior-primary-application-state-with-multiple-servers-state-subs",
      "intro-group-id-string",
      "intro-edge-node-id-string",
      "intro-device-id-string",
    ),
    () => {
      const topics = sparkplugTopics({ group: "Werk Süd", edgeNode: "line" }, "scada");
      assert.equal(topics.node("NDATA"), "spBv1.0/Werk Süd/NDATA/line");
      assert.equal(topics.device("DDATA", "belt"), "spBv1.0/Werk Süd/DDATA/line/belt");
      assert.deepEqual(topics.subscriptions(["belt", "arm"]), [
        "spBv1.0/Werk Süd/NCMD/line",
        "spBv1.0/Werk Süd/DCMD/line/belt",
        "spBv1.0/Werk Süd/DCMD/line/arm",
        "spBv1.0/STATE/scada",
      ]);
      assert.deepEqual(sparkplugTopics(GROUP, undefined).subscriptions([]), ["spBv1.0/plant/NCMD/line"]);
    },
  );

  const REBIRTH = "spBv1.0/plant/NCMD/line";
  const asksRebirth = tahuEncode({ metrics: [{ name: "Node Control/Rebirth", datatype: 11, booleanValue: true }] });

  it("is born again when a host asks, at most twice a second, and tells no data before that", async () => {
    const { hear, news, clock, sample, births } = await alive();
    await clock.advance(ms(1000));
    hear(REBIRTH, asksRebirth);
    const again = news();
    assert.deepEqual(topicsOf(again), ["NBIRTH/line", "DBIRTH/line/belt", "DBIRTH/line/meter"]);
    assert.equal(metric(at(again, 0), "bdSeq").longValue, metric(at(births, 0), "bdSeq").longValue);
    for (let request = 0; request < 50; request++) hear(REBIRTH, asksRebirth);
    sample(0, 5);
    assert.deepEqual(news(), []);
    await clock.advance(ms(600));
    const last = news();
    assert.deepEqual(topicsOf(last), ["NBIRTH/line", "DBIRTH/line/belt", "DBIRTH/line/meter"]);
    assert.equal(valueOf(metric(at(last, 1), "speed")), "intValue 5");
  });

  it("is not born again for a retained request, another metric, false, or bytes that are none", async () => {
    const { hear, news, clock } = await alive();
    await clock.advance(ms(1000));
    hear(REBIRTH, asksRebirth, true);
    hear(REBIRTH, tahuEncode({ metrics: [{ name: "Node Control/Rebirth", booleanValue: false }] }));
    hear(REBIRTH, tahuEncode({ metrics: [{ name: "Node Control/Reboot", booleanValue: true }] }));
    hear(REBIRTH, Uint8Array.from([0xff, 0xff, 0xff]));
    hear(REBIRTH, new Uint8Array());
    assert.deepEqual(news(), []);
  });

  const STATE = "spBv1.0/STATE/scada";

  it(
    covers(
      "with a primary host says nothing until that host, and no other, is online",
      "message-flow-edge-node-birth-publish-phid-wait-id",
    ),
    async () => {
      const { hear, news, connect } = await rig({ primaryHost: "scada" });
      connect();
      hear("spBv1.0/STATE/other", '{"online":true,"timestamp":5}');
      for (const bad of [
        '{"online":true}',
        '{"online":1,"timestamp":5}',
        '{"online":true,"timestamp":"5"}',
        '{"online":true,"timestamp":-1}',
        "ONLINE",
        "[]",
        "null",
        "\xff",
      ])
        hear(STATE, bad);
      assert.deepEqual(news(), []);
      hear(STATE, '{"online":true,"timestamp":5}', true);
      assert.deepEqual(topicsOf(news()), ["NBIRTH/line"]);
    },
  );

  it("dies and leaves at once when its primary host goes offline", async () => {
    const { hear, news, connect, left } = await rig({ primaryHost: "scada" });
    connect();
    hear(STATE, '{"online":true,"timestamp":5}');
    news();
    hear(STATE, '{"online":false,"timestamp":4}');
    assert.deepEqual([news(), left], [[], []]);
    hear(STATE, '{"online":false,"timestamp":6}');
    assert.deepEqual([topicsOf(news()), left], [["NDEATH/line"], [{ atOnce: true }]]);
  });

  it("walks on from a server where its host is not heard of for 15 s", async () => {
    const { clock, connect, left } = await rig({ primaryHost: "scada", hasAlternatives: true });
    connect();
    await clock.advance(ms(14_900));
    assert.deepEqual(left, []);
    await clock.advance(ms(200));
    assert.deepEqual(left, [{ atOnce: false }]);
    assert.deepEqual(clock.pending, ["sparkplug.tick"]);
  });

  it("tells a slow broker the newest of each value", async () => {
    const { sample, waiting, told } = await alive({ window: 1 });
    for (let value = 1; value <= 100; value++) sample(0, value);
    while (waiting.length > 0) waiting.shift()?.(true);
    assert.deepEqual(topicsOf(told), ["DBIRTH/line/belt", "DBIRTH/line/meter"]);
    assert.equal(valueOf(metric(at(told, 0), "speed")), "intValue 100");
  });

  describe("with an outbox", () => {
    const historical = (told: readonly Told[], name = "speed"): unknown[] =>
      told
        .flatMap(({ payload }) => payload.metrics)
        .filter((each) => each.isHistorical)
        .map((each) => valueOf(each)?.replace("intValue ", `${name} `));
    /** What is told within a second. */
    const later = async ({ clock, news }: Awaited<ReturnType<typeof rig>>): Promise<readonly Told[]> => {
      await clock.advance(ms(1000));
      return news();
    };

    it("tells after a fresh birth, as historical, what changed while nobody was there", async () => {
      const bench = await rig({ keeps: true });
      const { connect, online, sample, clock } = bench;
      online("belt");
      for (const value of [5, 6, 7]) {
        sample(0, value);
        await clock.advance(ms(10));
      }
      connect();
      const told = await later(bench);
      assert.deepEqual(topicsOf(told.slice(0, 2)), ["NBIRTH/line", "DBIRTH/line/belt"]);
      assert.deepEqual(historical(told), ["speed 5", "speed 6", "speed 7"]);
      const stamps = told.flatMap(({ payload }) => payload.metrics).filter(({ isHistorical }) => isHistorical);
      assert.deepEqual(
        stamps.map(({ timestamp }) => Number(timestamp) - Number(stamps[0]?.timestamp)),
        [0, 10, 20],
      );
      assert.deepEqual(
        told.map(({ payload }) => Number(payload.seq)),
        told.map((_, index) => index),
      );
    });

    it("keeps what came in one batch as one message of the device", async () => {
      const bench = await rig({ keeps: true });
      const { connect, online, node, clock } = bench;
      online("belt");
      const both = { quality: "good", reason: "ok", sourceTime: clock.now() } as const;
      const samples = [
        { tag: 0, value: 5, ...both },
        { tag: 2, value: 6, ...both },
      ];
      node.samples({ kind: "samples", cycle: 1, samples, renewed: [] });
      connect();
      const missed = (await later(bench)).filter(({ payload }) => payload.metrics.some((each) => each.isHistorical));
      assert.deepEqual(
        missed.map((told) => historical([told], "")),
        [[" 5", " 6"]],
      );
    });

    it("tells again what the broker did not confirm before the connection broke", async () => {
      const bench = await rig({ keeps: true });
      const { connect, online, sample, changes, confirms } = bench;
      online("belt");
      connect();
      await later(bench);
      sample(0, 1);
      await later(bench);
      while (confirms.length > 0) confirms.shift()?.();
      sample(0, 2);
      await later(bench);
      changes.emit({ state: "down", reason: "cut", attempt: 1 });
      connect();
      assert.deepEqual(historical(await later(bench)), ["speed 2"]);
      while (confirms.length > 0) confirms.shift()?.();
      changes.emit({ state: "down", reason: "cut", attempt: 1 });
      connect();
      assert.deepEqual(historical(await later(bench)), []);
    });

    it("keeps what was of a device that is not born until it is, and does not hold up the others", async () => {
      const bench = await rig({ keeps: true });
      const { connect, online, sample } = bench;
      online("meter");
      sample(0, 1);
      sample(3, 1.5);
      sample(0, 2);
      connect();
      const first = await later(bench);
      assert.deepEqual(historical(first), ["floatValue 1.5"]);
      online("belt");
      const second = await later(bench);
      assert.deepEqual(topicsOf(second.slice(0, 1)), ["DBIRTH/line/belt"]);
      assert.deepEqual(historical(second), ["speed 1", "speed 2"]);
    });

    it("tells a slow broker every value, the overtaken ones as historical", async () => {
      const bench = await rig({ keeps: true, window: 1 });
      const { connect, online, sample, waiting, confirms, clock, news } = bench;
      online("belt");
      connect();
      for (let value = 1; value <= 20; value++) sample(0, value);
      const told: Told[] = [];
      for (let turn = 0; turn < 100; turn++) {
        waiting.shift()?.(true);
        confirms.shift()?.();
        told.push(...news());
        await clock.advance(ms(50));
      }
      const values = told.flatMap(({ payload }) => payload.metrics.map((each) => valueOf(each)));
      for (let value = 1; value <= 20; value++) assert.ok(values.includes(`intValue ${value}`), String(value));
    });
  });

  it(
    covers(
      "warns of names that differ in case only",
      "case-sensitivity-sparkplug-ids",
      "case-sensitivity-metric-names",
    ),
    async () => {
      const { logged } = await rig();
      assert.deepEqual(
        logged.map(({ event, fields }) => [event, fields]),
        [["sparkplug.namesAlike", { name: "Energy" }]],
      );
    },
  );

  describe("asked by DCMD", () => {
    const TOPIC = "spBv1.0/plant/DCMD/line/belt";
    const said = (told: readonly Told[], births: readonly Told[]): readonly (readonly (string | undefined)[])[] => {
      const names = new Map(births.flatMap(({ payload }) => payload.metrics).map(({ alias, name }) => [alias, name]));
      return told.flatMap(({ payload }) => payload.metrics.map((each) => [names.get(each.alias), valueOf(each)]));
    };

    it("hands it to the gate by alias or by name, and tells its outcome as metrics of the device", async () => {
      const { births, hear, commands, node, news, clock } = await alive();
      const { alias } = metric(at(births, 1), "setpoint");
      assert.ok(alias);
      hear(TOPIC, tahuEncode({ timestamp: "1", metrics: [{ alias, timestamp: "1", intValue: 0xfffffffb }] }));
      hear(TOPIC, tahuEncode({ metrics: [{ name: "setpoint", datatype: 2, intValue: 7 }] }));
      assert.deepEqual(commands, [
        {
          id: "sp-x-1",
          device: "belt",
          set: [["setpoint", -5]],
          ttl: 5000,
          receivedAt: clock.now(),
          origin: "sparkplug",
        },
        {
          id: "sp-x-2",
          device: "belt",
          set: [["setpoint", 7]],
          ttl: 5000,
          receivedAt: clock.now(),
          origin: "sparkplug",
        },
      ]);
      const end = { device: "belt", results: {}, took: ms(5) };
      assert.equal(node.result({ ...end, id: "sp-x-1", outcome: "verified", reason: undefined }), true);
      assert.deepEqual(said(news(), births), [
        ["Command/Count", "longValue 1"],
        ["Command/Outcome", "stringValue verified"],
        ["Command/Reason", undefined],
      ]);
      assert.equal(
        node.result({ ...end, id: "a1", outcome: "verified", reason: undefined }),
        false,
        "one of the JSON topics",
      );
      assert.deepEqual(news(), []);
    });

    const bad: readonly [string, Parameters<typeof tahuEncode>[0] | Uint8Array, string][] = [
      ["an unknown metric", { metrics: [{ name: "nope", intValue: 1 }] }, 'unknown metric "nope"'],
      ["an unknown alias", { metrics: [{ alias: "999", intValue: 1 }] }, "unknown metric with alias 999"],
      ["a name of every object", { metrics: [{ name: "__proto__", intValue: 1 }] }, 'unknown metric "__proto__"'],
      [
        "the outcome itself",
        { metrics: [{ name: "Command/Count", longValue: "1" }] },
        'unknown metric "Command/Count"',
      ],
      ["a value of another type", { metrics: [{ name: "setpoint", stringValue: "1" }] }, "setpoint has to be a number"],
      ["no value", { metrics: [{ name: "setpoint", isNull: true }] }, "setpoint has no value"],
      ["not a number", { metrics: [{ name: "setpoint", doubleValue: NaN }] }, "setpoint is no finite number"],
      ["nothing", { metrics: [] }, "it names no metric"],
      [
        "the same twice",
        {
          metrics: [
            { name: "setpoint", intValue: 1 },
            { name: "setpoint", intValue: 2 },
          ],
        },
        "setpoint is given twice",
      ],
      [
        "too many",
        { metrics: Array.from({ length: 65 }, () => ({ name: "setpoint", intValue: 1 })) },
        "it names more than 64 metrics",
      ],
      ["bytes that are no payload", Uint8Array.from([0x12, 0xff]), "no Sparkplug payload"],
      ["nested beyond measure", Buffer.alloc(16_000, 0x5b), "no Sparkplug payload"],
      ["more than fits", Buffer.alloc(20_000), "no Sparkplug payload"],
    ];
    for (const [what, payload, reason] of bad) {
      it(`for ${what} rejects it, says why, and sends nothing`, async () => {
        const { births, hear, commands, news } = await alive();
        hear(TOPIC, payload instanceof Uint8Array ? payload : tahuEncode(payload));
        assert.deepEqual(commands, []);
        assert.deepEqual(said(news(), births).slice(1), [
          ["Command/Outcome", "stringValue rejected"],
          ["Command/Reason", `stringValue ${reason}`],
        ]);
      });
    }

    it("rejects a retained one, and one for a device that has nothing to write is not heard of", async () => {
      const { births, hear, commands, news } = await alive();
      const payload = tahuEncode({ metrics: [{ name: "setpoint", intValue: 1 }] });
      hear(TOPIC, payload, true);
      assert.match(String(said(news(), births).at(-1)), /a retained command/);
      hear("spBv1.0/plant/DCMD/line/meter", tahuEncode({ metrics: [{ name: "setpoint", intValue: 1 }] }));
      hear("spBv1.0/plant/DCMD/line/nobody", payload);
      assert.deepEqual([commands, news()], [[], []]);
    });

    it("takes 256 whose outcome is open, and says unknown of those the scan never answers", async () => {
      const { births, hear, commands, news, clock } = await alive();
      const payload = tahuEncode({ metrics: [{ name: "setpoint", intValue: 1 }] });
      for (let count = 0; count < 257; count++) hear(TOPIC, payload);
      assert.equal(commands.length, 256);
      assert.match(String(said(news(), births).at(-1)), /too many commands without an outcome/);
      await clock.advance(ms(600_100));
      assert.deepEqual(said(news(), births).slice(-3), [
        ["Command/Count", "longValue 257"],
        ["Command/Outcome", "stringValue unknown"],
        ["Command/Reason", "stringValue the scan gave no outcome"],
      ]);
    });
  });
});
