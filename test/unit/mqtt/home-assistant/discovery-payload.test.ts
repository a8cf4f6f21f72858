import assert from "node:assert/strict";
import { discoveryPayload } from "../../../../src/mqtt/home-assistant/discovery-payload.ts";
import { topicsUnder } from "../../../../src/mqtt/topics.ts";
import type { WriteRule } from "../../../../src/device/tag.ts";
import { deviceOf } from "../../../support/plants/plant.ts";
import { tagLike, type TagSketch } from "../../../support/plants/tag.ts";

const level = (range?: { min: number; max: number }): WriteRule => ({
  kind: "level",
  range,
  ramp: undefined,
  maxChange: undefined,
  requires: [],
  role: "operator",
  safe: undefined,
  verify: { by: "echo" },
  readWrite: false,
  refresh: undefined,
  onReturn: "hold",
});

const identity = { gateway: "gw1", version: "1.2.3" };

const payload = (...tags: readonly TagSketch[]): Record<string, unknown> =>
  JSON.parse(
    discoveryPayload(deviceOf("belt", tags.map(tagLike)), { identity, topics: topicsUnder("takt/gw1") }),
  ) as Record<string, unknown>;

const STATE = `{{ value_json['values'].get("t") if "t" not in value_json.get('stale', {}) else None }}`;
const command = (value: string): string =>
  `{"id":"ha-{{ (now().timestamp() * 1000000) | int }}-{{ range(1000000) | random }}","set":{"t":{{ ${value} }}},"by":"homeassistant"}`;

/** What becomes of a tag beside its name, its id and its state. */
const TABLE: readonly (readonly [string, Omit<TagSketch, "name">, Readonly<Record<string, unknown>>])[] = [
  ["a bool", { type: "bool" }, { p: "binary_sensor", payload_on: "True", payload_off: "False" }],
  ["a number without a unit", {}, { p: "sensor" }],
  [
    "a number of a known unit",
    { unit: "°C" },
    { p: "sensor", unit_of_measurement: "°C", device_class: "temperature", state_class: "measurement" },
  ],
  ["a number of a unit that says little", { unit: "%" }, { p: "sensor", unit_of_measurement: "%" }],
  ["energy", { unit: "kWh" }, { p: "sensor", unit_of_measurement: "kWh", device_class: "energy" }],
  ["a text", { type: "string", length: 4, unit: "V" }, { p: "sensor" }],
  [
    "an enumeration",
    { type: "enum", values: { 0: "none", 1: "jam" } },
    { p: "sensor", device_class: "enum", options: ["none", "jam"] },
  ],
  [
    "a bool that is kept at a level",
    { type: "bool", write: level() },
    {
      p: "switch",
      command_topic: "takt/gw1/belt/cmd/set",
      command_template: command("value"),
      payload_on: "true",
      payload_off: "false",
      state_on: "True",
      state_off: "False",
    },
  ],
  [
    "an enumeration that is kept at a level",
    { type: "enum", values: { 0: "slow", 1: "fast" }, write: level() },
    {
      p: "select",
      command_topic: "takt/gw1/belt/cmd/set",
      command_template: command("value | tojson"),
      options: ["slow", "fast"],
    },
  ],
  [
    "a number that is kept at a level within a range",
    { scale: 0.01, unit: "m/s", write: level({ min: 0, max: 2 }) },
    {
      p: "number",
      command_topic: "takt/gw1/belt/cmd/set",
      command_template: command("value"),
      min: 0,
      max: 2,
      step: 0.01,
      mode: "box",
      unit_of_measurement: "m/s",
      device_class: "speed",
    },
  ],
  [
    "a pulse",
    { type: "bool", write: { ...level(), kind: "pulse" } },
    { p: "binary_sensor", payload_on: "True", payload_off: "False" },
  ],
  ["a 64-bit level, which floating point cannot say", { type: "uint64", write: level() }, { p: "sensor" }],
];

describe("what Home Assistant is told of a device", () => {
  for (const [what, tag, entity] of TABLE) {
    it(`${what}: ${String(entity["p"])}`, () => {
      const own = { name: "t", unique_id: "takt-gw1-belt-t", value_template: STATE };
      assert.deepEqual(payload({ ...tag, name: "t" })["cmps"], { t: { ...own, ...entity } });
    });
  }

  const REACH: readonly (readonly [TagSketch, readonly [number, number, number]])[] = [
    [{}, [0, 65_535, 1]],
    [{ type: "int16", scale: -0.5 }, [-16_383.5, 16_384, 0.5]],
    [{ type: "uint16", bits: [4, 7] }, [0, 15, 1]],
    [{ type: "float32" }, [-(2 - 2 ** -23) * 2 ** 127, (2 - 2 ** -23) * 2 ** 127, 0.001]],
    [{ type: "float64" }, [-Number.MAX_VALUE, Number.MAX_VALUE, 0.001]],
    [{ valid: { min: 1, max: 5 } }, [1, 5, 1]],
  ];
  for (const [tag, reach] of REACH) {
    it(`a number without a range of its own reaches as far as its registers: ${JSON.stringify(tag)}`, () => {
      const { t } = payload({ ...tag, name: "t", write: level() })["cmps"] as Record<string, Record<string, unknown>>;
      assert.deepEqual([t?.["min"], t?.["max"], t?.["step"]], reach);
    });
  }

  it("leaves out arrays, and what is read only when asked for and kept at no level", () => {
    const { cmps } = payload(
      { name: "list", count: 3 },
      { name: "asked", scanClass: "onDemand" },
      { name: "kept", scanClass: "onDemand", write: level() },
      { name: "once", scanClass: "once" },
    );
    assert.deepEqual(Object.keys(cmps as object), ["kept", "once"]);
  });

  it("names the device and its maker, and lives on the device's state as long as gateway and device are there", () => {
    const { cmps, ...rest } = payload({ name: "t" });
    assert.ok(cmps);
    assert.deepEqual(rest, {
      dev: { ids: ["takt-gw1-belt"], name: "belt", mdl: "A device of the tests", mdl_id: "test/device" },
      o: { name: "takt", sw: "1.2.3" },
      availability: [
        {
          topic: "takt/gw1/_gw/status",
          value_template: `{{ 'online' if value_json['state'] in ["online"] else 'offline' }}`,
        },
        {
          topic: "takt/gw1/belt/status",
          value_template: `{{ 'online' if value_json['status'] in ["online","degraded"] else 'offline' }}`,
        },
      ],
      availability_mode: "all",
      state_topic: "takt/gw1/belt/state",
      qos: 1,
    });
  });
});
