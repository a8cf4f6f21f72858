import assert from "node:assert/strict";
import fc from "fast-check";
import { parseService, parseSet } from "../../../src/mqtt/json/command-payload.ts";
import { tagLike } from "../../support/plants/tag.ts";

const tags = new Map([
  ["speed", tagLike({ name: "speed", type: "float32" })],
  ["total", tagLike({ name: "total", type: "uint64" })],
  ["label", tagLike({ name: "label", type: "string", length: 8 })],
]);

const set = (payload: string) => parseSet(Buffer.from(payload), tags);

const GOOD: readonly [payload: string, request: object][] = [
  ['{"id":"a1","set":{"speed":0.5},"ttl":"2s"}', { id: "a1", set: [["speed", 0.5]], ttl: 2000 }],
  ['{"id":"a1","set":{"speed":true}}', { id: "a1", set: [["speed", true]], ttl: 5000 }],
  [
    '{"set":{"b":"x","speed":[1,2]},"id":"A-b_9"}',
    {
      id: "A-b_9",
      set: [
        ["b", "x"],
        ["speed", [1, 2]],
      ],
      ttl: 5000,
    },
  ],
  ['{"id":"a","set":{"total":"18446744073709551615"}}', { id: "a", set: [["total", 2n ** 64n - 1n]], ttl: 5000 }],
  ['{"id":"a","set":{"speed":1},"notAfter":9}', { id: "a", set: [["speed", 1]], ttl: 5000, notAfter: 9 }],
  ['{"id":"a","set":{"total":7}}', { id: "a", set: [["total", 7]], ttl: 5000 }],
  ['{"id":"a","set":{"label":"123"}}', { id: "a", set: [["label", "123"]], ttl: 5000 }],
];

const BAD: readonly [payload: string, id: string | undefined, reason: RegExp][] = [
  ["", undefined, /no JSON object/],
  ["[]", undefined, /no JSON object/],
  ["null", undefined, /no JSON object/],
  ['{"id":"a","set":', undefined, /no JSON object/],
  ['{"set":{"speed":1}}', undefined, /"id" has to be/],
  ['{"id":7,"set":{"speed":1}}', undefined, /"id" has to be/],
  ['{"id":"a/b","set":{"speed":1}}', undefined, /"id" has to be/],
  ['{"id":"","set":{"speed":1}}', undefined, /"id" has to be/],
  [`{"id":"${"a".repeat(65)}","set":{"speed":1}}`, undefined, /"id" has to be/],
  ['{"id":"x","id":"a","set":{"speed":1}}', undefined, /"id" is given twice/],
  ['{"id":"a","set":{"speed":1,"speed":2}}', "a", /"speed" is given twice/],
  ['{"id":"a","set":{"speed":1},"set":{"total":2}}', "a", /"set" is given twice/],
  ['{"id":"a"}', "a", /"set" has to be an object/],
  ['{"id":"a","set":[1]}', "a", /"set" has to be an object/],
  ['{"id":"a","set":{}}', "a", /names no tag/],
  ['{"id":"a","sett":{"speed":1}}', "a", /unknown key "sett"/],
  ['{"id":"a","set":{"speed":1},"__proto__":{"admin":true}}', "a", /unknown key "__proto__"/],
  ['{"id":"a","set":{"speed":null}}', "a", /"speed" has to be/],
  ['{"id":"a","set":{"speed":{"a":1}}}', "a", /"speed" has to be/],
  ['{"id":"a","set":{"speed":[[1]]}}', "a", /"speed" has to be/],
  ['{"id":"a","set":{"speed":1e999}}', "a", /"speed" is no finite number/],
  ['{"id":"a","set":{"total":9007199254740993}}', "a", /write it as a string/],
  ['{"id":"a","set":{"speed":1},"ttl":2}', "a", /"ttl" has to be a duration/],
  ['{"id":"a","set":{"speed":1},"ttl":"0s"}', "a", /more than 0/],
  ['{"id":"a","set":{"speed":1},"ttl":"2h"}', "a", /at most 1h/],
  ['{"id":"a","set":{"speed":1},"notAfter":"2s"}', "a", /"notAfter" has to be a time/],
  ['{"id":"a","set":{"speed":1},"notAfter":0}', "a", /"notAfter" has to be a time/],
  [`{"id":"a","set":{"speed":[${Array(126).fill(1).join()}]}}`, "a", /more than 125 elements/],
  [`{"id":"a","set":{"label":"${"x".repeat(1025)}"}}`, "a", /longer than/],
  [`{"id":"a","set":{${Array.from({ length: 65 }, (_, n) => `"t${n}":1`).join()}}}`, "a", /more than 64 tags/],
  [`{"id":"a","set":{"speed":${"[".repeat(5000)}`, undefined, /no JSON object/],
  [`{"id":"a","set":{"speed":"${"x".repeat(20_000)}"}}`, undefined, /larger than 16384/],
];

describe("a command", () => {
  for (const [payload, request] of GOOD) {
    it(`${payload.slice(0, 60)} is taken`, () =>
      assert.deepEqual(set(payload), { ok: true, value: { notAfter: undefined, ...request } }));
  }

  for (const [payload, id, reason] of BAD) {
    it(`${payload.slice(0, 60)} is refused: ${reason.source}`, () => {
      const parsed = set(payload);
      assert.ok(!parsed.ok);
      assert.equal(parsed.failure.id, id);
      assert.match(parsed.failure.reason, reason);
    });
  }

  it("a tag named like a part of every object is just an unknown name, and changes no object", () => {
    const parsed = set('{"id":"a","set":{"__proto__":1}}');
    assert.deepEqual(parsed, { ok: true, value: { id: "a", set: [["__proto__", 1]], ttl: 5000, notAfter: undefined } });
    assert.equal(({} as Record<string, unknown>)["admin"], undefined);
  });

  it("bytes that are no UTF-8 are refused", () => {
    assert.equal(parseSet(Buffer.from([0x7b, 0xff, 0x7d]), tags).ok, false);
  });

  it("any bytes give a request or a reason of one line, never an exception", () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        const parsed = parseSet(payload, tags);
        if (!parsed.ok) assert.match(parsed.failure.reason, /^[^\n]{1,300}$/);
      }),
    );
  });
});

describe("a request to take a device out of service", () => {
  const service = (payload: string) => parseService(Buffer.from(payload));

  it("says which way", () => {
    assert.deepEqual(service('{"id":"s1","enabled":false}'), {
      ok: true,
      value: { id: "s1", enabled: false, ttl: 5000, notAfter: undefined },
    });
    assert.deepEqual(service('{"id":"s1","enabled":true,"ttl":"1s","notAfter":9}'), {
      ok: true,
      value: { id: "s1", enabled: true, ttl: 1000, notAfter: 9 },
    });
  });

  for (const payload of [
    '{"id":"s1"}',
    '{"id":"s1","enabled":"no"}',
    '{"enabled":true}',
    '{"id":"a","enabled":true,"x":1}',
    '{"id":"a","enabled":true,"ttl":"2 s"}',
    '{"id":"a","enabled":true,"notAfter":"soon"}',
  ]) {
    it(`${payload} is refused`, () => assert.equal(service(payload).ok, false));
  }
});
