import assert from "node:assert/strict";
import type { AlarmStatus } from "../../../src/alarm/alarm-status.ts";
import { Alarms } from "../../../src/alarm/alarms.ts";
import { buildAlarm } from "../../../src/device/build-alarm.ts";
import type { AlarmFile } from "../../../src/device/alarm-schema.ts";
import type { LogFields } from "../../../src/kit/logger.ts";
import { instant, ms, wallTime } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { tagTable } from "../../../src/device/tag-table.ts";
import type { Kept } from "../../../src/scan/devices/kept.ts";
import { ProcessImage } from "../../../src/scan/image/process-image.ts";
import { deviceLike } from "../../support/plants/scan-plant.ts";

const tags = { jam: { type: "bool" }, temp: {} } as const;

class AlarmBench {
  readonly clock = new VirtualClock();
  readonly told: string[] = [];
  readonly lists = new Map<string, readonly AlarmStatus[]>();
  readonly kept: Map<string, unknown>;
  readonly alarms: Alarms;
  readonly #image: ProcessImage;

  constructor(files: Readonly<Record<string, AlarmFile>>, kept = new Map<string, unknown>()) {
    const { profile, ...rest } = deviceLike("belt", { tags });
    const built = new Map(Object.entries(files).map(([name, file]) => [name, buildAlarm(name, file, rest.tags)]));
    const device = { ...rest, profile: { ...profile, alarms: built } };
    const entries = tagTable([device]);
    this.kept = kept;
    this.#image = new ProcessImage(entries, [ms(1000), ms(1000)]);
    this.alarms = new Alarms({
      devices: [device],
      entries,
      image: this.#image,
      clock: this.clock,
      tell: (event: string, fields: LogFields) => this.told.push(`${event} ${String(fields["alarm"])}`),
      list: (name, list) => this.lists.set(name, list),
      recalled: new Map(kept),
      keep: ({ key, value }: Kept) => (value === undefined ? this.kept.delete(key) : this.kept.set(key, value)),
    });
  }

  /** A value read now; undefined: the input is lost. */
  async look(
    values: { readonly jam?: boolean | undefined; readonly temp?: number | undefined },
    after = 20,
  ): Promise<void> {
    await this.clock.advance(ms(after));
    for (const [tag, value] of Object.entries(values)) {
      const index = tag === "jam" ? 0 : 1;
      if (value === undefined) this.#image.lose(index, "offline");
      else this.#image.read(index, value, "ok", this.clock.now());
    }
    this.#image.age(this.clock.now());
    this.alarms.step(this.clock.now());
  }

  acknowledge(alarms?: readonly string[], by?: string): number {
    const done = this.alarms.acknowledge({ device: "belt", alarms, by, origin: "test", sendBy: instant(Infinity) });
    this.alarms.step(this.clock.now());
    return done;
  }

  /** `jammed unacknowledged`, most urgent first. */
  get list(): readonly string[] {
    return (this.lists.get("belt") ?? []).map(({ alarm, state, unknown }) => `${alarm} ${state}${unknown ? " ?" : ""}`);
  }
}

const JAMMED: AlarmFile = { when: { jam: true }, text: "Belt jammed", priority: "high" };
const HOT: AlarmFile = { when: { temp: { above: 80, deadband: 2 } }, text: "Motor hot" };

describe("the alarms of a plant", () => {
  it("are raised, acknowledged and cleared on the image, each change told once", async () => {
    const bench = new AlarmBench({ jammed: JAMMED });
    await bench.look({ jam: false });
    assert.deepEqual(bench.list, []);
    await bench.look({ jam: true });
    await bench.look({ jam: true });
    assert.deepEqual(bench.list, ["jammed unacknowledged"]);
    assert.equal(bench.acknowledge(["jammed"], "maria"), 1);
    assert.deepEqual(
      bench.lists.get("belt")?.map(({ by }) => by),
      ["maria"],
    );
    assert.equal(bench.acknowledge(), 0);
    await bench.look({ jam: false });
    assert.deepEqual(bench.list, []);
    assert.deepEqual(bench.told, ["alarm.raised jammed", "alarm.acknowledged jammed", "alarm.cleared jammed"]);
    assert.deepEqual(bench.alarms.counters(), { active: 0, unacknowledged: 0, raised: 1 });
  });

  it("stay as they are while an input is not good, and say so", async () => {
    const bench = new AlarmBench({ jammed: JAMMED });
    await bench.look({ jam: undefined });
    assert.deepEqual(bench.list, []);
    await bench.look({ jam: true });
    await bench.look({ jam: undefined });
    assert.deepEqual(bench.list, ["jammed unacknowledged ?"]);
    await bench.look({ jam: true });
    assert.deepEqual(bench.list, ["jammed unacknowledged"]);
    await bench.look({}, 5000);
    assert.deepEqual(bench.list, ["jammed unacknowledged ?"]);
  });

  it("come back over their deadband only", async () => {
    const bench = new AlarmBench({ hot: HOT });
    const states: string[] = [];
    for (const temp of [79, 80, 80.5, 79, 78.1, 78, 79, 80, 80.5]) {
      await bench.look({ temp });
      states.push(`${temp} ${bench.list.join()}`);
    }
    assert.deepEqual(states, [
      "79 ",
      "80 ",
      "80.5 hot unacknowledged",
      "79 hot unacknowledged",
      "78.1 hot unacknowledged",
      "78 hot returned",
      "79 hot returned",
      "80 hot returned",
      "80.5 hot unacknowledged",
    ]);
  });

  it("need all their conditions; one known not to hold is enough to know", async () => {
    const both: AlarmFile = { when: { jam: true, temp: { above: 80 } }, text: "Both" };
    const bench = new AlarmBench({ both });
    await bench.look({ jam: true, temp: 20 });
    assert.deepEqual(bench.list, []);
    await bench.look({ jam: true, temp: 90 });
    assert.deepEqual(bench.list, ["both unacknowledged"]);
    await bench.look({ jam: true, temp: undefined });
    assert.deepEqual(bench.list, ["both unacknowledged ?"]);
    await bench.look({ jam: false, temp: undefined });
    assert.deepEqual(bench.list, ["both returned"]);
  });

  it("are listed with the most urgent first", async () => {
    const bench = new AlarmBench({ hot: HOT, jammed: JAMMED });
    await bench.look({ temp: 90, jam: false });
    await bench.look({ temp: 90, jam: true });
    assert.deepEqual(bench.list, ["jammed unacknowledged", "hot unacknowledged"]);
  });

  it("of programs belong to the gateway, and say nothing until their cause is set", async () => {
    const rule = { name: "sorting.lost", text: "Box lost", priority: "high", latch: false } as const;
    const kept = new Map<string, unknown>();
    const states = (bench: AlarmBench): readonly string[] =>
      (bench.lists.get("_gw") ?? []).map(({ state, unknown }) => `${state}${unknown ? " ?" : ""}`);
    const first = new AlarmBench({}, kept);
    const lost = first.alarms.own({ ...rule, after: ms(0), clearAfter: ms(0) });
    await first.look({});
    assert.deepEqual(states(first), []);
    lost.set(true);
    await first.look({});
    assert.deepEqual(states(first), ["unacknowledged"]);
    const second = new AlarmBench({}, kept);
    const again = second.alarms.own({ ...rule, after: ms(0), clearAfter: ms(0) });
    await second.look({});
    assert.deepEqual(states(second), ["unacknowledged ?"]);
    again.set(false);
    await second.look({});
    assert.deepEqual(states(second), ["returned"]);
    again.set(undefined);
    await second.look({});
    assert.deepEqual(states(second), ["returned ?"]);
  });

  it("outlive the master with their state and who acknowledged them", async () => {
    const first = new AlarmBench({ jammed: { ...JAMMED, latch: true }, hot: HOT });
    await first.look({ jam: true, temp: 90 });
    first.acknowledge(["jammed"], "maria");
    await first.look({ jam: true, temp: 20 });
    const next = new AlarmBench({ jammed: { ...JAMMED, latch: true }, hot: HOT }, first.kept);
    await next.look({});
    assert.deepEqual(next.list, ["jammed acknowledged ?", "hot returned ?"]);
    assert.deepEqual(next.lists.get("belt")?.[0]?.by, "maria");
    await next.look({ jam: false, temp: 20 });
    assert.deepEqual(next.list, ["jammed latched", "hot returned"]);
    assert.equal(next.acknowledge(), 2);
    assert.deepEqual(next.list, []);
    assert.equal(next.kept.size, 0);
  });

  it("keep the wall times they were given, whatever the clocks do meanwhile", async () => {
    const times = (bench: AlarmBench): unknown => {
      const [alarm] = bench.lists.get("belt") ?? [];
      return alarm && [alarm.raised, alarm.since];
    };
    const first = new AlarmBench({ jammed: JAMMED });
    const epoch = first.clock.wall();
    await first.look({ jam: true });
    const raised = epoch + 20;
    assert.deepEqual(times(first), [raised, raised]);
    first.clock.wall = () => wallTime(epoch + first.clock.now() + 1.6);
    await first.look({ jam: true });
    first.acknowledge();
    assert.deepEqual(times(first), [raised, epoch + 42]);
    const next = new AlarmBench({ jammed: JAMMED }, first.kept);
    next.clock.wall = () => wallTime(epoch + 60_000.3);
    await next.look({ jam: true });
    assert.deepEqual(times(next), [raised, epoch + 42]);
  });

  it("of programs are the gateway's, raised and cleared by what the program says", async () => {
    const bench = new AlarmBench({});
    const rule = {
      name: "blocked",
      text: "Exit blocked",
      priority: "low",
      after: ms(0),
      clearAfter: ms(0),
      latch: false,
    } as const;
    const blocked = bench.alarms.own(rule);
    blocked.set(true);
    await bench.look({});
    assert.deepEqual(
      bench.lists.get("_gw")?.map(({ state }) => state),
      ["unacknowledged"],
    );
    blocked.set(undefined);
    await bench.look({});
    blocked.set(false);
    await bench.look({});
    assert.deepEqual(bench.told, ["alarm.raised blocked", "alarm.returned blocked"]);
  });
});
