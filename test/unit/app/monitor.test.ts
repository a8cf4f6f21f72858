import assert from "node:assert/strict";
import { PlantView } from "../../../src/app/monitor/plant-view.ts";
import { renderChange } from "../../../src/app/monitor/render-change.ts";
import { renderGrid } from "../../../src/app/monitor/render-grid.ts";
import { renderTable, type TableSize } from "../../../src/app/monitor/render-table.ts";
import { wallTime } from "../../../src/kit/time.ts";

const NOW = wallTime(Date.UTC(2026, 10, 21, 7, 44, 10, 123));

function viewOf(...messages: readonly [topic: string, payload: unknown][]): PlantView {
  const view = new PlantView("takt/gw");
  for (const [topic, payload] of messages) view.take(`takt/gw/${topic}`, JSON.stringify(payload));
  return view;
}

const plant = (): PlantView =>
  viewOf(
    ["_gw/status", { state: "online" }],
    ["infeed/status", { status: "online" }],
    ["infeed/meta", { tags: { speed: { unit: "m/s" }, run: {} } }],
    [
      "infeed/state",
      { ts: NOW - 300, values: { speed: 0.42, run: true, temp: 71 }, stale: { temp: "old" }, dt: { temp: -20_000 } },
    ],
    ["picker1/status", { status: "offline", reason: "no answer within 200 ms" }],
    ["picker1/state", { ts: NOW, values: { busy: null }, bad: { busy: "offline" } }],
  );

const table = (view: PlantView, size: Partial<TableSize> = {}): string[] =>
  renderTable(
    { title: "takt/gw", gateway: view.gateway, timing: view.timing, alarms: view.alarms, devices: view.devices },
    NOW,
    {
      width: 80,
      height: 24,
      color: false,
      ...size,
    },
  );

describe("the live table", () => {
  it("shows devices with their status, tags with unit, quality and age", () => {
    assert.deepEqual(table(plant()), [
      "takt/gw  online",
      "infeed  online",
      "  speed     0.42 m/s  good            300ms old",
      "  run       true      good            300ms old",
      "  temp      71        stale old       20s old",
      "picker1  offline: no answer within 200 ms",
      "  busy      –         bad offline",
    ]);
  });

  it("shows how cycle and lines keep their time, once the gateway has said", () => {
    const view = plant();
    const cycle = { period: 20, skipped: 1, lateness: { count: 500, p50: 0.1, p99: 0.41, max: 3.2 } };
    const lines = [{ line: "cell", utilisation: 0.342, plan: { load: 0.4 } }, { line: "wire", utilisation: 1 }, 7];
    view.take("takt/gw/_gw/stats", JSON.stringify({ cycle, lines }));
    const timing = "cycle 20 ms  p99 0.41 ms late, at most 3.2 ms, 1 missed  cell 34 % (plan 40 %)  wire 100 %";
    assert.deepEqual(table(view, { width: 200 }).slice(0, 3), ["takt/gw  online", timing, "infeed  online"]);
    view.take("takt/gw/_gw/stats", JSON.stringify({ cycle: { lateness: "x" } }));
    assert.deepEqual(table(view).slice(0, 2), ["takt/gw  online", "infeed  online"]);
  });

  it("shows alarms that are not normal above everything else, until their list says otherwise", () => {
    const view = plant();
    const jammed = { alarm: "jammed", text: "Belt \u001bjammed", state: "unacknowledged", priority: "high" };
    const hot = { alarm: "hot", text: "Motor hot", state: "acknowledged", priority: "medium", unknown: true };
    view.take("takt/gw/infeed/alarms", JSON.stringify({ alarms: [hot, { ...jammed, raised: NOW - 12_000 }] }));
    view.take("takt/gw/_gw/alarms", JSON.stringify({ alarms: [{ alarm: "sorting.stopped", state: "returned" }, 7] }));
    assert.deepEqual(table(view).slice(0, 6), [
      "takt/gw  online",
      "! sorting.stopped:   , returned",
      "! :   , ",
      "! infeed jammed: Belt \ufffdjammed  high, unacknowledged, 12s ago",
      "! infeed hot: Motor hot  medium, acknowledged, not known",
      "infeed  online",
    ]);
    for (const owner of ["infeed", "_gw"]) view.take(`takt/gw/${owner}/alarms`, JSON.stringify({ alarms: [] }));
    assert.equal(table(view)[1], "infeed  online");
    view.take("takt/gw/infeed/alarms", JSON.stringify({ alarms: Array.from({ length: 30 }, () => jammed) }));
    assert.equal(table(view)[9], "! 22 more alarms");
  });

  it("fits the terminal: lines are cut, and the last one says how many are missing", () => {
    assert.deepEqual(table(plant(), { width: 20, height: 4 }), [
      "takt/gw  online",
      "infeed  online",
      "  speed     0.42 m/s",
      "… 4 more lines do no",
    ]);
  });

  it("takes changes over from data, and keeps the rest", () => {
    const view = plant();
    view.take("takt/gw/infeed/data", JSON.stringify({ ts: NOW, values: { speed: 1 } }));
    assert.deepEqual(table(view).slice(2, 4), [
      "  speed     1 m/s     good            0ms old",
      "  run       true      good            300ms old",
    ]);
  });

  it("lets nobody steer the terminal through a value or a name", () => {
    const view = viewOf(["a\u001b[2Jb/state", { ts: NOW, values: { t: "\u001b]0;x\u0007", "k\n": "\u009b" } }]);
    assert.ok(!/[\u001b\u0007\u009b\n]/.test(table(view).join("")));
  });

  it("shows nothing as good of a master that is gone, until it is back", () => {
    const view = plant();
    view.take("takt/gw/_gw/status", JSON.stringify({ state: "lost" }));
    assert.deepEqual(table(view).slice(0, 4), [
      "takt/gw  lost",
      "infeed  unknown: the master is lost",
      "  speed     0.42 m/s  stale the master is lost  300ms old",
      "  run       true      stale the master is lost  300ms old",
    ]);
    view.take("takt/gw/_gw/status", JSON.stringify({ state: "online" }));
    assert.equal(table(view)[2], "  speed     0.42 m/s  good            300ms old");
  });

  it("survives what is no message of takt", () => {
    const view = new PlantView("takt/gw");
    for (const payload of ["", "1", "[]", "{", '{"values":[1]}', '{"values":{"a":{"b":1}},"ts":"x"}']) {
      view.take("takt/gw/infeed/state", payload);
    }
    assert.deepEqual(table(view).slice(1), ["infeed  unknown", '  a         {"b":1}   good']);
  });

  it("paints what is not good", () => {
    assert.equal(table(plant(), { color: true })[4]?.startsWith("\u001b[33m"), true);
    assert.equal(table(plant(), { color: true })[5]?.startsWith("\u001b[31m"), true);
  });
});

describe("the grid of a large plant", () => {
  const large = (): PlantView => {
    const values = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`t${at}`, at]));
    const view = viewOf(
      ["_gw/status", { state: "online" }],
      ["io/status", { status: "online" }],
      ["io/state", { ts: NOW, values }],
    );
    view.take("takt/gw/io/data", JSON.stringify({ ts: NOW, values: { t1: 7, t8: null }, bad: { t8: "sentinel" } }));
    return view;
  };
  const grid = (size: Partial<TableSize>): string[] => {
    const view = large();
    const shown = {
      title: "takt/gw",
      gateway: view.gateway,
      timing: view.timing,
      alarms: view.alarms,
      devices: view.devices,
    };
    return renderGrid(shown, NOW, { width: 120, height: 24, color: false, ...size });
  };

  it("shows several tags a line", () => {
    assert.deepEqual(grid({}), [
      "takt/gw  online",
      "io  online",
      "  t0 0                                  t1 7                                  t2 2",
      "  t3 3                                  t4 4                                  t5 5",
      "  t6 6                                  t7 7                                  t8 – bad",
    ]);
  });

  it("leaves room for the line of timing", () => {
    const view = large();
    const cycle = { period: 20, skipped: 0, lateness: { p99: 0.2, max: 1 } };
    view.take("takt/gw/_gw/stats", JSON.stringify({ cycle }));
    const shown = {
      title: "takt/gw",
      gateway: view.gateway,
      timing: view.timing,
      alarms: view.alarms,
      devices: view.devices,
    };
    const lines = renderGrid(shown, NOW, { width: 80, height: 4, color: false });
    assert.deepEqual(lines.slice(1, 3), [
      "cycle 20 ms  p99 0.2 ms late, at most 1 ms, 0 missed",
      "io  online   (2 of 9 tags)",
    ]);
    assert.equal(lines.length, 4);
  });

  it("shows what is not good and what changed last where not all fit, in the order of the device", () => {
    assert.deepEqual(grid({ height: 3, width: 80 }), [
      "takt/gw  online",
      "io  online   (2 of 9 tags)",
      "  t1 7                                  t8 – bad",
    ]);
  });
});

describe("the line of a change", () => {
  it("names what changed and what is not good", () => {
    const view = plant();
    const message = { ts: NOW, values: { speed: 0.5, run: null }, bad: { run: "refused" } };
    const change = view.take("takt/gw/infeed/data", JSON.stringify(message));
    assert.ok(change);
    assert.equal(renderChange(change, NOW), "07:44:10.123 infeed  speed 0.5 m/s  run – (bad refused)");
  });

  it("names who is not what it was, and not who is found online", () => {
    const view = plant();
    const told = (topic: string, status: object): string | undefined => {
      const change = view.take(`takt/gw/${topic}/status`, JSON.stringify(status));
      return change && renderChange(change, NOW);
    };
    assert.equal(told("lamp", { status: "online" }), undefined);
    assert.equal(told("lamp", { status: "offline", reason: "line down" }), "07:44:10.123 lamp  offline: line down");
    assert.equal(told("_gw", { state: "lost" }), "07:44:10.123 master  lost: nothing is kept up to date");
    assert.equal(told("_gw", { state: "lost" }), undefined);
  });

  it("are counted where more than three tags were lost alike, and fractions have six digits", () => {
    const lost = ["a", "b", "c", "d"];
    const message = {
      ts: NOW,
      values: {
        ...Object.fromEntries(lost.map((tag) => [tag, null])),
        e: null,
        ratio: 29.79736328125,
        count: 1234567890,
      },
      bad: { ...Object.fromEntries(lost.map((tag) => [tag, "offline"])), e: "refused" },
    };
    const change = new PlantView("takt/gw").take("takt/gw/fan/data", JSON.stringify(message));
    assert.ok(change);
    assert.equal(
      renderChange(change, NOW),
      "07:44:10.123 fan  ratio 29.7974  count 1234567890  4 tags – (bad offline)  e – (bad refused)",
    );
  });
});
