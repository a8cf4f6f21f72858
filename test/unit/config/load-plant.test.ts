import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPlant } from "../../../src/config/plant/load-plant.ts";
import { loadProfileFile } from "../../../src/config/profile/load-profile.ts";
import type { Plant } from "../../../src/config/plant/plant.ts";
import { PACKAGE_DEVICES } from "../../../src/config/profile/profile-library.ts";
import { parseYaml } from "../../../src/config/source/read-yaml.ts";
import type { Device } from "../../../src/device/profile.ts";
import type { Tag } from "../../../src/device/tag.ts";
import { ms } from "../../../src/kit/time.ts";

const GOOD = fileURLToPath(new URL("../../fixtures/good-plants/everything.yaml", import.meta.url));

function loaded(file = GOOD): Plant {
  const plant = loadPlant(file);
  assert.ok(plant.ok, plant.ok ? "" : JSON.stringify(plant.failure));
  return plant.value;
}

function device(name: string): Device {
  const found = loaded().devices.get(name);
  assert.ok(found);
  return found;
}

function tag(deviceName: string, name: string): Tag {
  const found = device(deviceName).tags.get(name);
  assert.ok(found);
  return found;
}

describe("a plant file", () => {
  it("says its name, its cycle and its lines, with defaults for what it leaves out", () => {
    const { name, scan, lines } = loaded();
    assert.equal(name, "press-shop");
    assert.deepEqual(scan, {
      period: 30,
      classes: new Map([
        ["fast", ms(30)],
        ["normal", ms(120)],
        ["slow", ms(1020)],
        ["rare", ms(60_000)],
      ]),
    });
    const tcp = { kind: "tcp" as const, gateway: undefined, roundTrip: 4 };
    assert.deepEqual(
      [...lines.values()],
      [
        { ...tcp, name: "hall", host: "10.0.0.7", port: 502, window: 1, connectTimeout: 3000, delayAfterConnect: 0 },
        {
          ...tcp,
          name: "gate",
          host: "gateway.local",
          port: 1502,
          window: 4,
          connectTimeout: 1000,
          roundTrip: 1,
          delayAfterConnect: 250,
        },
      ],
    );
  });

  it("makes one device of every number of a repeat, in the order of the file", () => {
    const names = [...loaded().devices.keys()];
    assert.equal(names.length, 32);
    assert.deepEqual(names.slice(0, 4), ["press", "gauge", "meter-1", "meter-2"]);
    assert.deepEqual([device("meter-1").unit, device("meter-30").unit], [101, 130]);
    assert.equal(device("meter-7").line, "gate");
  });

  it("puts a device's own timing, limits and service state over those of its profile", () => {
    const { timing, limits, disabled, profile } = device("gauge");
    assert.deepEqual(timing, { turnaround: 5, responseTimeout: 1000 });
    const rest = { writeRegisters: 123, gap: 0, window: 2, mergeWrites: false };
    assert.deepEqual(limits, { readRegisters: 60, readBits: 2000, ...rest });
    assert.equal(disabled, true);
    assert.deepEqual(profile.timing, { turnaround: 5, responseTimeout: 500 });
  });

  it("puts parameters into addresses and numbers, per device", () => {
    assert.deepEqual(tag("press", "force").at, { table: "input", address: 100 });
    assert.deepEqual(tag("gauge", "stroke").at, { table: "input", address: 202 });
    assert.deepEqual([tag("press", "force").scale, tag("gauge", "force").scale], [0.5, 2]);
  });

  it("lets a device change, and silence, single tags", () => {
    assert.equal(tag("gauge", "ready").scanClass, "rare");
    assert.deepEqual(tag("gauge", "force").report, { deadband: 5, minInterval: 200, maxInterval: 60_000 });
    assert.equal(tag("gauge", "go").write, undefined);
    assert.deepEqual(tag("gauge", "limits").write?.range, { min: 0, max: 5 });
    assert.deepEqual(tag("press", "limits").write?.range, { min: 0, max: 9 });
  });

  it("is told as missing where it is missing", () => {
    const plant = loadPlant("nowhere/plant.yaml");
    const message = "the file cannot be read: there is no such file";
    assert.deepEqual(plant, { ok: false, failure: [{ file: "nowhere/plant.yaml", line: 1, column: 1, message }] });
  });

  it("may not be a folder", () => {
    const plant = loadPlant(dirname(GOOD));
    assert.ok(!plant.ok);
    assert.match(plant.failure[0]?.message ?? "", /it is a folder/);
  });

  it("is refused, not fallen over, when it is nested without end", () => {
    const deep = parseYaml("[".repeat(100_000), "plant.yaml");
    assert.ok(!deep.ok);
    assert.deepEqual(
      deep.failure.map(({ message }) => message),
      ["the file is nested too deeply"],
    );
  });

  it("finds the profiles of the package: the demo plant is in order", () => {
    const demo = loaded(join(PACKAGE_DEVICES, "../config/demo/plant.yaml"));
    assert.ok(demo.devices.size > 0);
  });
});

describe("a profile", () => {
  it("gives each tag what it says, and defaults for the rest", () => {
    assert.deepEqual(tag("press", "force"), {
      name: "force",
      title: undefined,
      at: { table: "input", address: 100 },
      type: "float32",
      count: undefined,
      length: undefined,
      order: "ABCD",
      scale: 0.5,
      offset: -1,
      unit: "kN",
      invalid: [],
      valid: { min: 0, max: 500 },
      values: undefined,
      scanClass: "normal",
      maxAge: 1000,
      group: "stroke",
      report: { deadband: 0.5, minInterval: 200, maxInterval: 60_000 },
      write: undefined,
    });
    assert.equal(tag("press", "stroke").order, "CDAB");
    assert.deepEqual(tag("press", "stroke").invalid, [-2147483648]);
    assert.deepEqual(tag("press", "ready").at, { table: "discrete", address: 16 });
  });

  it("takes bits for bools, coils for bools, and registers for uint16 unless it says otherwise", () => {
    const types = ["ready", "alarm", "word", "go"].map((name) => tag("press", name).type);
    assert.deepEqual(types, ["bool", "bool", "uint16", "bool"]);
  });

  it("reads levels back and takes the echo of pulses unless it says otherwise", () => {
    assert.deepEqual(tag("press", "mode").write, {
      kind: "level",
      range: undefined,
      ramp: undefined,
      maxChange: undefined,
      readWrite: false,
      requires: [],
      role: "operator",
      safe: { value: "off" },
      verify: { by: "readback", tolerance: 0, within: 1000 },
      refresh: undefined,
      onReturn: "safe",
    });
    assert.deepEqual(tag("press", "alive").write?.verify, { by: "echo" });
    assert.deepEqual(tag("press", "go").write?.verify, { by: "expect", tag: "ready", equals: false, within: 3000 });
    assert.deepEqual(tag("press", "limits").write, {
      kind: "level",
      range: { min: 0, max: 9 },
      ramp: undefined,
      maxChange: undefined,
      readWrite: false,
      requires: [],
      role: "operator",
      safe: { value: [0, 0] },
      verify: { by: "readback", tolerance: 1, within: 1000 },
      refresh: 5000,
      onReturn: "reassert",
    });
  });

  it("never starts by itself: a level without a safe value is left as it is when its device returns", () => {
    const plant = loaded();
    for (const { tags } of plant.devices.values()) {
      for (const { write } of tags.values()) assert.ok(write?.onReturn !== "safe" || write.safe !== undefined);
    }
  });

  it("can be read by itself", () => {
    const profile = loadProfileFile(join(dirname(GOOD), "devices/acme/press.yaml"));
    assert.ok(profile.ok);
    assert.deepEqual(profile.value.heartbeat, { tag: "alive", every: 500, timeout: 2000, covers: ["mode"] });
    assert.deepEqual([...profile.value.functions], [1, 2, 3, 4, 5, 6, 15, 16, 22]);
    assert.equal(profile.value.source, "manual 7, page 12");
  });
});
