import Ajv from "ajv";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadPlant } from "../../../../src/config/plant/load-plant.ts";
import type { Value } from "../../../../src/device/quality.ts";
import type { Tag } from "../../../../src/device/tag.ts";
import { tagTable } from "../../../../src/device/tag-table.ts";
import { silentLogger } from "../../../../src/kit/logger.ts";
import { Signal } from "../../../../src/kit/signal.ts";
import { ms, wallTime } from "../../../../src/kit/time.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";
import type { SampleChange } from "../../../../src/link/messages.ts";
import { Bridge } from "../../../../src/mqtt/json/bridge.ts";
import type { Broker, BrokerState, Publication, Received } from "../../../../src/mqtt/broker/broker.ts";
import {
  jobAnswerPayload,
  jobEventPayload,
  jobResultPayload,
  poolStatePayload,
} from "../../../../src/mqtt/json/job-payload.ts";
import { payloadSchemas } from "../../../../src/mqtt/schemas/payload-schemas.ts";
import { shortenedResultPayload } from "../../../../src/mqtt/json/result-payload.ts";
import { deviceOf, plantOf } from "../../../support/plants/plant.ts";
import { endedJob, givenJob, queuedJob } from "../../../support/jobs/sample-job.ts";
import { tagLike } from "../../../support/plants/tag.ts";

const read = (file: string): string => readFileSync(new URL(`../../../../${file}`, import.meta.url), "utf8");

const loaded = loadPlant(fileURLToPath(new URL("../../../../config/demo/plant.yaml", import.meta.url)));
assert.ok(loaded.ok);
const plant = loaded.value;

const ajv = new Ajv({ allErrors: true });
const validators = new Map(Array.from(payloadSchemas(plant), ([topic, schema]) => [topic, ajv.compile(schema)]));

/** What is wrong with a payload of the topic below the root; "" for nothing. */
function fault(topic: string, payload: string): string {
  const validate = validators.get(topic.replace(/\/(res|decided)\/[^/]+$/, "/$1"));
  if (!validate) return `no schema for ${topic}`;
  return validate(JSON.parse(payload)) === true ? "" : `${topic} ${payload}: ${ajv.errorsText(validate.errors)}`;
}

/** Something that the tag can be worth. */
function sampleValue(tag: Tag): Value {
  const scalar = (): boolean | number | bigint | string => {
    if (tag.type === "bool") return true;
    if (tag.type === "string") return "x";
    if (tag.type === "enum") return [...(tag.values?.values() ?? [])][0] ?? "";
    return tag.type.endsWith("64") && tag.type !== "float64" ? 2n ** 60n : (tag.valid?.min ?? 1);
  };
  return tag.count === undefined ? scalar() : Array.from({ length: tag.count }, scalar);
}

/** All that a bridge of the demo plant tells, by topic below the root. */
async function everything(): Promise<readonly (readonly [string, string])[]> {
  const clock = new VirtualClock();
  const published: Publication[] = [];
  const changes = new Signal<BrokerState>();
  const received = new Signal<Received>();
  const broker: Broker = {
    changes,
    received,
    publish(publication, settled) {
      published.push(publication);
      settled(true);
    },
  };
  const devices = [...plant.devices.values()];
  const outlet = { command: () => true, cancel: () => true, service: () => true, acknowledge: () => true };
  const identity = { gateway: "gw1", version: "1", plant: plant.name, scanPeriod: plant.scan.period };
  const intervals = { stateInterval: ms(1000), heartbeat: ms(60_000) };
  const bridge = new Bridge(
    { root: "r", identity, devices, intervals, bareTags: false },
    { broker, outlet, clock, logger: silentLogger },
  );
  bridge.start();
  changes.emit({ state: "up", version: 5, window: 1000, maximumPacket: Infinity });
  const told = async (given: Partial<SampleChange>): Promise<void> => {
    const samples = tagTable(devices).map(({ index, tag }): SampleChange => {
      const good = { value: sampleValue(tag), quality: "good", reason: "ok", sourceTime: clock.now() } as const;
      return { ...good, tag: index, ...given };
    });
    bridge.samples({ kind: "samples", cycle: 1, samples, renewed: [] });
    await clock.advance(ms(2000));
  };
  await told({});
  await told({ quality: "stale", reason: "old" });
  for (const reason of ["offline", "disabled", "refused", "sentinel", "invalid"] as const)
    await told({ value: null, quality: "bad", reason });
  for (const { name: device } of devices) {
    const results = { speed: { outcome: "failed", reason: "r", sent: 1, readback: undefined } } as const;
    const result = { id: "a1", device, outcome: "verified", reason: undefined, results, took: ms(1.5) } as const;
    const alarm = { state: "latched", priority: "high", text: "t", raised: wallTime(1), since: wallTime(2) } as const;
    const [own = ""] = plant.devices.get(device)?.profile.alarms.keys() ?? [];
    const alarms = own === "" ? [] : [{ ...alarm, alarm: own, unknown: true, by: "anna" }];
    bridge.device({ device, status: "online", since: clock.now(), reason: undefined });
    bridge.device({ device, status: "offline", since: clock.now(), reason: "no answer" });
    bridge.alarms({ device, alarms });
    const set = { topic: `r/${device}/cmd/set`, payload: Buffer.from(`{"id":"a1","set":{"x":1}}`), retained: false };
    received.emit({ ...set, expiry: undefined, responseTopic: undefined, correlationData: undefined });
    bridge.result(result);
    received.emit({ ...set, retained: true, expiry: undefined, responseTopic: undefined, correlationData: undefined });
    published.push({ topic: `r/${device}/res/a2`, payload: shortenedResultPayload(result), qos: 1, retain: false });
  }
  bridge.alarms({ device: "_gw", alarms: [] });
  bridge.event({ event: "e", at: clock.now(), fields: { any: 1 } });
  const percentiles = { count: 0, p50: ms(0), p90: ms(0), p99: ms(0), p999: ms(0), max: ms(0) };
  const counts = { cycles: 1, skipped: 0, blocksPlanned: 1, blocksDone: 1, blocksMissed: 0, overruns: 0 };
  const times = { lateness: percentiles, busy: percentiles, last: undefined, total: counts };
  bridge.stats({ cycle: { period: ms(20), ...counts, ...times }, lines: [], link: { coalesced: 0, dropped: 0 } });
  await bridge.stop({ deadline: ms(1), orderly: true });
  return published.map(({ topic, payload }) => [topic.slice("r/".length), payload] as const);
}

const CAPTURED = [...read("docs/mqtt.md").matchAll(/^ {4}takt\/gw1\/(\S+) (\{.*\})$/gm)];
const ASKED = [...read("docs/mqtt.md").matchAll(/-t takt\/gw1\/(\S+) -m '(\{.*\})'$/gm)];

describe("the JSON Schemas of a plant's payloads", () => {
  it("take everything that a bridge of the plant tells", async () => {
    const told = await everything();
    assert.deepEqual(
      told.map(([topic, payload]) => fault(topic, payload)).filter((found) => found !== ""),
      [],
    );
    const topics = new Set(told.map(([topic]) => topic.replace(/\/res\/.*/, "/res")));
    const untold = [...validators.keys()].filter((topic) => !topics.has(topic) && !/cmd\/|hist|_pool/.test(topic));
    assert.deepEqual(untold, []);
  });

  it("take what was captured from the demo plant for docs/mqtt.md, and what is asked there", () => {
    const whole = [...CAPTURED, ...ASKED].map(([, topic = "", payload = ""]) => [topic, payload] as const);
    assert.ok(CAPTURED.length > 8 && ASKED.length > 3, `${CAPTURED.length} and ${ASKED.length}`);
    assert.deepEqual(
      whole.map(([topic, payload]) => fault(topic, payload)).filter((found) => found !== ""),
      [],
    );
  });

  it("take what a pool tells", () => {
    const [type = ""] = plant.devices.get("picker1")?.profile.mailbox?.jobs.keys() ?? [];
    const ended = endedJob({ type });
    const jobs = [
      queuedJob({ type, labels: { a: "b" } }),
      givenJob({ type }),
      givenJob({ type, state: "quarantined" }),
    ];
    const state = poolStatePayload({ jobs, totals: undefined, members: ["picker1"] }, wallTime(5));
    const answer = { pool: "pickers", id: "d1", replyTo: undefined, reason: undefined } as const;
    const told: readonly (readonly [string, string])[] = [
      ...[...jobs, ended].map((job) => ["event", jobEventPayload(job)] as const),
      ["res/b1", jobResultPayload(ended)],
      ["res/b1", jobAnswerPayload({ ...answer, to: "order", outcome: "rejected", reason: "r" })],
      ["decided/d1", jobAnswerPayload({ ...answer, to: "decision", outcome: "decided" })],
      ["state", state],
    ];
    assert.deepEqual(
      told.map(([leaf, payload]) => fault(`_pool/pickers/${leaf}`, payload)).filter((found) => found !== ""),
      [],
    );
  });

  const REFUSED: readonly (readonly [string, string, object])[] = [
    ["a tag that is none", "infeed/state", { ts: 1, seq: 0, values: { sped: 1 } }],
    ["a value of another type", "infeed/state", { ts: 1, seq: 0, values: { running: 1 } }],
    ["a word that is none of an enumeration", "infeed/data", { ts: 1, seq: 0, values: { faultCode: "fire" } }],
    ["a reason that is none", "infeed/data", { ts: 1, seq: 0, values: { speed: null }, bad: { speed: "broken" } }],
    ["an output beyond its range", "infeed/cmd/set", { id: "a", set: { speedSetpoint: 9 } }],
    ["an input", "infeed/cmd/set", { id: "a", set: { speed: 1 } }],
    ["nothing to set", "infeed/cmd/set", { id: "a", set: {} }],
    ["an id with a slash", "infeed/cmd/set", { id: "a/b", set: { run: true } }],
    ["a time to live without a unit", "infeed/cmd/set", { id: "a", set: { run: true }, ttl: "5" }],
    ["a command that is none", "infeed/cmd/call", { id: "a", call: "fly" }],
    ["a status that is none", "infeed/status", { ts: 1, status: "well", since: 1 }],
    ["an outcome that is none", "infeed/res/a", { id: "a", outcome: "maybe", results: {}, ms: 1 }],
    ["a job that is none", "_pool/pickers/job", { id: "a", job: "fly" }],
  ];
  for (const [what, topic, payload] of REFUSED) {
    it(`refuse ${what}: ${topic}`, () => assert.match(fault(topic, JSON.stringify(payload)), /: data/));
  }

  it("say of every value what it may be, to the last bit", () => {
    const tags = [
      tagLike({ name: "long", type: "uint64" }),
      tagLike({ name: "list", count: 2, valid: { min: 0, max: 5 } }),
      tagLike({ name: "scaled", scale: 0.1, unit: "°C", title: "oil" }),
      tagLike({ name: "text", type: "string", length: 4 }),
    ];
    const properties = payloadSchemas(plantOf([deviceOf("d", tags)])).get("d/state")?.["properties"];
    const { values } = properties as { values: { properties: Record<string, { anyOf: readonly unknown[] }> } };
    assert.deepEqual(Object.fromEntries(Object.entries(values.properties).map(([tag, { anyOf }]) => [tag, anyOf[0]])), {
      long: { anyOf: [{ type: "number" }, { type: "string", pattern: "^-?\\d{1,20}$" }] },
      list: { type: "array", items: { type: "integer", minimum: 0, maximum: 5 }, minItems: 2, maxItems: 2 },
      scaled: { type: "number", description: "oil, in °C" },
      text: { type: "string", maxLength: 4 },
    });
  });
});
