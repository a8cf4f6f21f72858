import assert from "node:assert/strict";
import type { LineState } from "../../../src/bus/line/line.ts";
import { type DeviceHealth, ONLINE } from "../../../src/device/health.ts";
import { tagTable } from "../../../src/device/tag-table.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import { type SteadyReason, steadyReason } from "../../../src/scan/devices/steady-reason.ts";
import { deviceCondition, type DeviceView } from "../../../src/scan/devices/device-condition.ts";
import { maxAges } from "../../../src/scan/image/max-age.ts";
import { ProcessImage } from "../../../src/scan/image/process-image.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { deviceLike, plantLike } from "../../support/plants/scan-plant.ts";

const entries = tagTable([deviceLike("d", { tags: { a: {}, b: {}, c: {} } })]);

function imageOf(): ProcessImage {
  const image = new ProcessImage(entries, [ms(50), ms(100), ms(Number.POSITIVE_INFINITY)]);
  image.takeChanged();
  return image;
}

function show(image: ProcessImage, tag: number): string {
  const { value, quality, reason, sourceTime } = image.sample(tag);
  return `${String(value)} ${quality} ${reason} @${sourceTime ?? "never"}`;
}

describe("the process image", () => {
  it("starts with everything bad, never read, and changed", () => {
    const image = new ProcessImage(entries, []);
    assert.equal(show(image, 0), "null bad neverRead @never");
    assert.deepEqual(image.takeChanged(), [0, 1, 2]);
    assert.deepEqual(image.takeChanged(), []);
  });

  it("ages a value when it is older than its age, not when it is as old", () => {
    const image = imageOf();
    for (const tag of [0, 1, 2]) image.read(tag, 7, "ok", instant(100));
    image.age(instant(150));
    assert.equal(show(image, 0), "7 good ok @100");
    image.age(instant(150.1));
    assert.equal(show(image, 0), "7 stale old @100");
    assert.equal(show(image, 1), "7 good ok @100");
    image.age(instant(1e9));
    assert.equal(show(image, 2), "7 good ok @100");
  });

  it("makes a stale value good again when it is read", () => {
    const image = imageOf();
    image.read(0, 7, "ok", instant(100));
    image.age(instant(500));
    image.takeChanged();
    image.read(0, 7, "ok", instant(501));
    assert.equal(show(image, 0), "7 good ok @501");
    assert.deepEqual(image.takeChanged(), [0]);
  });

  it("shows no value of a bad tag, and does not age it", () => {
    const image = imageOf();
    image.read(0, 7, "ok", instant(100));
    image.lose(0, "offline");
    image.read(1, null, "sentinel", instant(100));
    image.age(instant(1e9));
    assert.equal(show(image, 0), "null bad offline @100");
    assert.equal(show(image, 1), "null bad sentinel @100");
  });

  it("takes no reading older than the one it has", () => {
    const image = imageOf();
    image.read(0, 7, "ok", instant(100));
    image.read(0, 8, "ok", instant(99));
    assert.equal(show(image, 0), "7 good ok @100");
  });

  it("names as changed what changed in value, quality or reason, and nothing else", () => {
    const image = imageOf();
    image.read(0, 7, "ok", instant(1));
    image.read(1, [1, 2], "ok", instant(1));
    assert.deepEqual(image.takeChanged(), [0, 1]);
    image.read(0, 7, "ok", instant(2));
    image.read(1, [1, 2], "ok", instant(2));
    assert.deepEqual(image.takeChanged(), []);
    assert.equal(show(image, 0), "7 good ok @2");
    image.read(1, [1, 3], "ok", instant(3));
    image.lose(0, "offline");
    assert.deepEqual(image.takeChanged(), [1, 0]);
    image.lose(0, "disabled");
    assert.deepEqual(image.takeChanged(), [0]);
    image.touchAll();
    assert.deepEqual(image.takeChanged(), [0, 1, 2]);
  });

  it("lets a good value be 2.5 of its periods old, unless its tag says otherwise", () => {
    const tags = { a: { scanClass: "fast" }, b: { scanClass: "fast", maxAge: ms(7) }, c: { scanClass: "once" } };
    const ages = maxAges(tagTable([deviceLike("d", { tags })]), new Map([["fast", ms(20)]]));
    assert.deepEqual(ages, [50, 7, Number.POSITIVE_INFINITY]);
  });
});

const UP: LineState = { state: "up", since: instant(1000) };
const DOWN: LineState = { state: "down", reason: "reset", attempt: 1 };
const OFFLINE: DeviceHealth = { state: "offline", attempt: 1, since: instant(0), probeAt: instant(0) };
const VIEW: DeviceView = {
  now: instant(5000),
  disabled: false,
  enabledAt: instant(0),
  line: UP,
  lineName: "cell",
  downSince: undefined,
  health: ONLINE,
  answeredAt: instant(2000),
  readable: true,
  lastFailure: undefined,
  busy: false,
  refused: [],
  before: "online",
};
const shortlyDown = { line: DOWN, downSince: instant(4500) } as const;

describe("the reason of a device that stays offline", () => {
  type Found = readonly [at: number, reason: string, told: string];
  const rows: readonly (readonly [what: string, found: readonly Found[]])[] = [
    [
      "stays the first while another comes and goes",
      [
        [0, "timeout", "timeout"],
        [9000, "reset", "timeout"],
        [9500, "timeout", "timeout"],
        [12_000, "reset", "timeout"],
        [21_999, "reset", "timeout"],
      ],
    ],
    [
      "becomes another that alone was found for ten seconds",
      [
        [0, "timeout", "timeout"],
        [1000, "reset", "timeout"],
        [11_000, "reset", "reset"],
        [11_500, "timeout", "reset"],
      ],
    ],
    [
      "is not changed by others that change among themselves",
      [
        [0, "timeout", "timeout"],
        [1000, "reset", "timeout"],
        [8000, "refused", "timeout"],
        [12_000, "refused", "timeout"],
      ],
    ],
  ];
  for (const [what, found] of rows) {
    it(what, () => {
      let reason: SteadyReason = { told: found[0]?.[1], other: undefined };
      const told = found.map(([at, each]) => {
        reason = steadyReason(reason, each, instant(at));
        return reason.told;
      });
      assert.deepEqual(
        told,
        found.map(([, , each]) => each),
      );
    });
  }

  it("makes one message, though it times out and loses its line by turns", async () => {
    const bench = new ScanBench(plantLike({ belt: { tags: { speed: { scanClass: "fast" } } } }));
    await bench.run("200ms");
    bench.unit().silent = true;
    await bench.run("2s");
    const before = bench.sink.statuses.length;
    for (let turn = 0; turn < 5; turn++) {
      bench.line().down();
      await bench.run("2s");
      bench.line().open();
      await bench.run("2s");
    }
    assert.equal(bench.status("belt"), "offline");
    assert.deepEqual(bench.sink.statuses.slice(before), []);
    bench.unit().silent = false;
    await bench.run("6s");
    assert.equal(bench.engine.status("belt")?.status, "online");
  });
});

describe("the condition of a device", () => {
  const rows: readonly (readonly [string, Partial<DeviceView>, string])[] = [
    ["that answers", {}, "online"],
    ["out of service", { disabled: true }, "disabled: out of service"],
    ["out of service on a line that is down", { disabled: true, ...shortlyDown }, "disabled: out of service"],
    ["that only says that it is busy", { busy: true }, "degraded: busy (exception 06)"],
    ["that refuses a tag", { refused: ["a", "b"] }, "degraded: refuses a, b"],
    [
      "that was given up",
      { health: OFFLINE, lastFailure: { kind: "timeout", after: ms(100) } },
      "offline: no answer within 100 ms",
    ],
    ["that never answered", { answeredAt: undefined, before: "connecting" }, "connecting: no answer yet"],
    ["that has nothing to read", { answeredAt: undefined, before: "connecting", readable: false }, "online"],
    ["whose line is down for a moment", shortlyDown, "online"],
    [
      "that was degraded, whose line is down for a moment",
      { ...shortlyDown, before: "degraded" },
      "degraded: line cell is down: reset",
    ],
    [
      "that never answered, whose line is down for a moment",
      { ...shortlyDown, before: "connecting" },
      "connecting: line cell is down: reset",
    ],
    ["whose line is down for a second", { line: DOWN, downSince: instant(4000) }, "offline: line cell is down: reset"],
    ["that was online before its line came back", { answeredAt: instant(999) }, "online"],
    [
      "that was offline before its line came back",
      { answeredAt: instant(999), before: "offline" },
      "offline: no answer",
    ],
    ["that answered since its line came back", { answeredAt: instant(1000), before: "offline" }, "online"],
    [
      "put into service, not answered since",
      { enabledAt: instant(3000), before: "disabled" },
      "connecting: no answer yet",
    ],
    ["put into service, answered since", { enabledAt: instant(2000), before: "disabled" }, "online"],
    [
      "put into service on a line that is down for a moment",
      { ...shortlyDown, before: "disabled" },
      "connecting: line cell is down: reset",
    ],
  ];
  for (const [what, view, expected] of rows) {
    it(`${what} is ${expected}`, () => {
      const { status, reason } = deviceCondition({ ...VIEW, ...view });
      assert.equal(reason === undefined ? status : `${status}: ${reason}`, expected);
    });
  }
});
