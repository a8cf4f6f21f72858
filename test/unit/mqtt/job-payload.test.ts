import assert from "node:assert/strict";
import fc from "fast-check";
import { ms, wallTime } from "../../../src/kit/time.ts";
import {
  jobEventPayload,
  jobResultPayload,
  parseDecide,
  parseSubmit,
  poolStatePayload,
} from "../../../src/mqtt/json/job-payload.ts";
import { endedJob, givenJob, queuedJob } from "../../support/jobs/sample-job.ts";

const PLAIN = { parameters: {}, labels: {}, priority: 5, deadline: undefined, ttl: 5000, notAfter: undefined };

const GOOD: readonly (readonly [payload: string, request: object])[] = [
  ['{"id":"b17","job":"pick"}', { ...PLAIN, id: "b17", job: "pick" }],
  [
    '{"id":"b17","job":"move","parameters":{"x":320,"y":0,"z":400.5},"labels":{"box":"17"},"priority":9,"deadline":"30s","ttl":"2s"}',
    {
      ...{ id: "b17", job: "move", parameters: { x: 320, y: 0, z: 400.5 }, labels: { box: "17" } },
      ...{ priority: 9, deadline: 30_000, ttl: 2000, notAfter: undefined },
    },
  ],
];

const many = (value: unknown): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`p${index}`, value])));

const BAD: readonly (readonly [payload: string, id: string | undefined, reason: RegExp])[] = [
  ["", undefined, /no JSON object/],
  ["[]", undefined, /no JSON object/],
  ['{"job":"pick"}', undefined, /"id" has to be/],
  ['{"id":"a/b","job":"pick"}', undefined, /"id" has to be/],
  [`{"id":"a","job":"${"p".repeat(20_000)}"}`, undefined, /bytes|large|long/],
  ['{"id":"a"}', "a", /"job" has to be the name/],
  ['{"id":"a","job":7}', "a", /"job" has to be the name/],
  [`{"id":"a","job":"${"p".repeat(65)}"}`, "a", /"job" has to be the name/],
  ['{"id":"a","job":"pick","job":"place"}', "a", /"job" is given twice/],
  ['{"id":"a","job":"pick","param":{}}', "a", /unknown key "param"/],
  ['{"id":"a","job":"pick","parameters":[1]}', "a", /"parameters" has to be an object of at most 16 numbers/],
  ['{"id":"a","job":"pick","parameters":null}', "a", /"parameters" has to be/],
  ['{"id":"a","job":"pick","parameters":{"x":"1"}}', "a", /"parameters" has to be/],
  ['{"id":"a","job":"pick","parameters":{"x":1e999}}', "a", /"parameters" has to be/],
  [`{"id":"a","job":"pick","parameters":${many(1)}}`, "a", /"parameters" has to be/],
  ['{"id":"a","job":"pick","labels":{"x":1}}', "a", /"labels" has to be an object of at most 16 words/],
  ['{"id":"a","job":"pick","labels":{"x":"a\\u0000b"}}', "a", /"labels" has to be/],
  [`{"id":"a","job":"pick","labels":${many("x")}}`, "a", /"labels" has to be/],
  ['{"id":"a","job":"pick","priority":"high"}', "a", /"priority" has to be a whole number from 0 to 9/],
  ['{"id":"a","job":"pick","deadline":30}', "a", /"deadline" has to be a duration/],
  ['{"id":"a","job":"pick","deadline":"0s"}', "a", /"deadline" has to be a duration/],
  ['{"id":"a","job":"pick","deadline":"soon"}', "a", /"deadline" has to be a duration/],
  ['{"id":"a","job":"pick","ttl":"9h"}', "a", /"ttl"/],
];

describe("an order as it comes over MQTT", () => {
  for (const [payload, request] of GOOD) {
    it(`is read: ${payload.slice(0, 60)}`, () => {
      const parsed = parseSubmit(Buffer.from(payload));
      assert.deepEqual(parsed.ok && { ...parsed.value, notAfter: undefined }, request);
    });
  }
  for (const [payload, id, reason] of BAD) {
    it(`is refused with a reason: ${payload.slice(0, 60)}`, () => {
      const parsed = parseSubmit(Buffer.from(payload));
      assert.ok(!parsed.ok);
      assert.equal(parsed.failure.id, id);
      assert.match(parsed.failure.reason, reason);
    });
  }

  it("is refused or read whatever the bytes are, and never thrown at", () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc.object().map((o) => Buffer.from(JSON.stringify({ id: "a", job: "p", ...o }))),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        parseSubmit(payload);
        parseDecide(payload);
      }),
    );
  });
});

describe("a decision as it comes over MQTT", () => {
  it("names the job, what is decided, and by whom", () => {
    const parsed = parseDecide(Buffer.from('{"id":"o1","job":"b17","decision":"retry","by":"anna"}'));
    assert.deepEqual(parsed.ok && [parsed.value.id, parsed.value.job, parsed.value.decision, parsed.value.by], [
      "o1",
      "b17",
      "retry",
      "anna",
    ]);
  });

  const bad: readonly (readonly [payload: string, reason: RegExp])[] = [
    ['{"id":"o1","decision":"retry"}', /"job" has to be the id/],
    ['{"id":"o1","job":"b17"}', /"decision" has to be one of retry, skip, done/],
    ['{"id":"o1","job":"b17","decision":"again"}', /"decision" has to be one of/],
    ['{"id":"o1","job":"b17","decision":"skip","by":7}', /"by" has to be a name/],
    ['{"id":"o1","job":"b17","decision":"skip","why":"x"}', /unknown key "why"/],
    ['{"id":"o1","job":"b17","decision":"skip","notAfter":"x"}', /"notAfter"/],
  ];
  for (const [payload, reason] of bad) {
    it(`is refused with a reason: ${payload}`, () => {
      const parsed = parseDecide(Buffer.from(payload));
      assert.ok(!parsed.ok);
      assert.match(parsed.failure.reason, reason);
    });
  }
});

const fieldsOf = (payload: string): Record<string, unknown> => JSON.parse(payload) as Record<string, unknown>;

describe("what is told of jobs", () => {
  it("is where a job stands, on which device, and why", () => {
    const job = givenJob({ state: "quarantined", reason: "picker1: the device is silent", labels: { box: "17" } });
    assert.deepEqual(JSON.parse(jobEventPayload(job)), {
      ...{ ts: 1000, id: "b1", job: "pick", state: "quarantined", device: "picker1", attempts: 1 },
      ...{ reason: "picker1: the device is silent", labels: { box: "17" } },
    });
    assert.equal(fieldsOf(jobEventPayload(queuedJob()))["labels"], undefined);
  });

  it("is how it ended, and how long that took since it was ordered", () => {
    assert.deepEqual(JSON.parse(jobResultPayload(endedJob())), {
      ...{ id: "b1", outcome: "done", result: "done", device: "picker1", attempts: 1, ms: 4000 },
    });
    assert.equal(fieldsOf(jobResultPayload(endedJob({ at: wallTime(0) })))["ms"], 0, "the clock was set back");
  });

  it("is how a pool stands: what waits, who works at what, what is quarantined, and what was done by whom", () => {
    const quarantined = Array.from({ length: 20 }, (_, index) => givenJob({ id: `q${index}`, state: "quarantined" }));
    const jobs = [
      queuedJob({ id: "w" }),
      givenJob({ id: "r" }),
      givenJob({ id: "u", state: "unknown" }),
      ...quarantined,
    ];
    const devices = { picker1: { done: 3, failed: 1, work: ms(8000), longest: ms(3000) } };
    const totals = { orders: 30, done: 3, failed: 2, devices };
    const told = fieldsOf(poolStatePayload({ jobs, totals, members: ["picker1", "picker2"] }, wallTime(7)));
    const { quarantine, ...rest } = told;
    assert.deepEqual(rest, {
      ...{ ts: 7, queued: 1, working: 1, unknown: 1, quarantined: 20, orders: 30, done: 3, failed: 2 },
      devices: {
        picker1: { job: "u", done: 3, failed: 1, mean: 2000, longest: 3000 },
        picker2: { done: 0, failed: 0, longest: 0 },
      },
    });
    assert.ok(Array.isArray(quarantine) && quarantine.length === 16);
    assert.deepEqual(
      fieldsOf(poolStatePayload({ jobs: [], totals: undefined, members: [] }, wallTime(7)))["devices"],
      {},
    );
  });
});
