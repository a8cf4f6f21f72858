import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import { ScanBench } from "../../support/scan/scan-bench.ts";
import { plantLike, time } from "../../support/plants/scan-plant.ts";

const BELT = { tags: { speed: { address: 0, scanClass: "fast" }, load: { address: 100, scanClass: "slow" } } };

/** Times at which the unit's blocks at this address were asked for. */
function readsAt(bench: ScanBench, unit: number, address: number): readonly number[] {
  return bench
    .line()
    .received.filter((each) => each.unit === unit && "address" in each.request && each.request.address === address)
    .map(({ at }) => at);
}

describe("the scan's values", () => {
  it("are bad before the first read, and good soon after the line is up, slow ones too", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    bench.unit().set("holding", 0, 7);
    bench.unit().set("holding", 100, 8);
    assert.equal(bench.show("belt/speed"), "null bad neverRead");
    await bench.run("100ms");
    assert.equal(bench.show("belt/speed"), "7 good ok");
    assert.equal(bench.show("belt/load"), "8 good ok");
    assert.equal(bench.status("belt"), "online");
  });

  it("carry the time at which they were asked for, also while they do not change", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("1s");
    const { sourceTime } = bench.sample("belt/speed");
    assert.ok(sourceTime !== undefined && bench.now - sourceTime <= 40, `source time ${sourceTime}`);
    const renewed = bench.sink.batches.flatMap((batch) => batch.renewed);
    const known = bench.sink.blockList.map((tags) => tags.map((tag) => bench.entries[tag]?.tag.name));
    assert.deepEqual(known, [["speed"], ["load"]]);
    assert.ok(renewed.filter(({ block }) => block === 0).length > 40);
  });

  it("stand still between two latches", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("100ms");
    bench.unit().set("holding", 0, 9);
    await bench.run("15ms");
    assert.equal(bench.show("belt/speed"), "0 good ok");
    await bench.run("20ms");
    await bench.run("20ms");
    assert.equal(bench.show("belt/speed"), "9 good ok");
  });

  it("turn stale by age, then bad when the unit is given up, and its neighbour does not notice", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT, arm: { unit: 2, tags: BELT.tags } }));
    await bench.run("1s");
    bench.unit(1).silent = true;
    await bench.run("80ms");
    assert.equal(bench.show("belt/speed"), "0 stale old");
    assert.equal(bench.show("arm/speed"), "0 good ok");
    await bench.run("3s");
    assert.equal(bench.show("belt/speed"), "null bad offline");
    assert.equal(bench.show("belt/load"), "null bad offline");
    assert.equal(bench.status("belt"), "offline");
    const asked = readsAt(bench, 2, 0);
    const gaps = asked.slice(2).map((at, index) => at - (asked[index + 1] ?? 0));
    assert.deepEqual(new Set(gaps), new Set([20]));
  });

  it("of a dead unit cost one request per quarantine while it is judged, and one per probe afterwards", async () => {
    const bench = new ScanBench(plantLike({ belt: { ...BELT, limits: { window: 1 } } }));
    await bench.run("1s");
    let tries: number[] = [];
    bench.unit().fate = () => {
      tries.push(bench.now);
      return "lost";
    };
    await bench.run("20s");
    const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    assert.deepEqual(
      gaps.slice(0, 2).map((gap) => gap >= 300 && gap <= 320),
      [true, true],
      gaps.join(" "),
    );
    assert.deepEqual(
      gaps.slice(2).map((gap) => Math.round(gap / 1000)),
      [1, 2, 4, 5, 5],
      gaps.join(" "),
    );
    tries = [];
  });

  it("of an offline unit that is busy cost no more than the probes", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("1s");
    bench.unit().silent = true;
    await bench.run("3s");
    assert.equal(bench.status("belt"), "offline");
    bench.unit().silent = false;
    bench.unit().holes = [{ table: "holding", from: 0, to: 999, code: 6 }];
    const before = bench.line().received.length;
    await bench.run("20s");
    const probes = bench.line().received.length - before;
    assert.ok(probes >= 3 && probes <= 6, `${probes} probes`);
  });

  it("come back with the unit, within one probe", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    bench.unit().set("holding", 0, 5);
    await bench.run("1s");
    bench.unit().silent = true;
    await bench.run("30s");
    assert.equal(bench.status("belt"), "offline");
    bench.unit().silent = false;
    await bench.run("5.2s");
    assert.equal(bench.show("belt/speed"), "5 good ok");
    assert.equal(bench.show("belt/load"), "0 good ok");
  });

  it("of all units of a line come back together when one of them does", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT, arm: { unit: 2, tags: BELT.tags } }));
    await bench.run("1s");
    bench.unit(1).silent = true;
    await bench.run("2.7s");
    bench.unit(2).silent = true;
    await bench.run("20s");
    bench.unit(1).silent = false;
    bench.unit(2).silent = false;
    let first: number | undefined;
    for (let turn = 0; turn < 300 && bench.status("arm") !== "online"; turn++) {
      if (bench.status("belt") === "online" || bench.status("arm") === "online") first ??= bench.now;
      await bench.run("20ms");
    }
    if (bench.status("belt") !== "online") await bench.run("60ms");
    assert.equal(bench.status("belt"), "online");
    assert.ok(bench.now - (first ?? bench.now) <= 100);
  });

  it("age through a short break of the line, and are bad after a second", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("1s");
    bench.line().down();
    await bench.run("900ms");
    assert.equal(bench.show("belt/speed"), "0 stale old");
    assert.equal(bench.show("belt/load"), "0 good ok");
    assert.equal(bench.status("belt"), "online");
    bench.line().open();
    await bench.run("60ms");
    assert.equal(bench.show("belt/speed"), "0 good ok");
    bench.line().down("cable cut");
    await bench.run("1.1s");
    assert.equal(bench.show("belt/load"), "null bad offline");
    assert.equal(bench.engine.status("belt")?.reason, "line cell is down: cable cut");
    bench.line().open();
    await bench.run("100ms");
    assert.equal(bench.show("belt/load"), "0 good ok");
  });

  it("are read once after every return where they say so", async () => {
    const tags = { ...BELT.tags, serial: { address: 50, scanClass: "once" } };
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    await bench.run("10s");
    assert.equal(readsAt(bench, 1, 50).length, 1);
    assert.equal(bench.show("belt/serial"), "0 good ok");
    bench.unit().silent = true;
    await bench.run("5s");
    assert.equal(bench.show("belt/serial"), "null bad offline");
    bench.unit().silent = false;
    await bench.run("10s");
    assert.equal(readsAt(bench, 1, 50).length, 2);
    assert.equal(bench.show("belt/serial"), "0 good ok");
  });

  it("are read on demand where they say so, and only then", async () => {
    const tags = { ...BELT.tags, log: { address: 50, scanClass: "onDemand" } };
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    await bench.run("5s");
    assert.equal(bench.show("belt/log"), "null bad neverRead");
    bench.engine.demand("belt", new Set(["log"]));
    await bench.run("60ms");
    assert.equal(bench.show("belt/log"), "0 good ok");
    assert.equal(readsAt(bench, 1, 50).length, 1);
  });

  it("belong to a device that is online though nothing of it is read in turn", async () => {
    const bench = new ScanBench(
      plantLike({ horn: { tags: { log: { address: 50, scanClass: "onDemand" } } }, bare: { unit: 2, tags: {} } }),
    );
    await bench.run("100ms");
    assert.equal(bench.status("horn"), "online");
    assert.equal(bench.status("bare"), "online");
    bench.unit().silent = true;
    await bench.run("30s");
    assert.equal(bench.status("horn"), "offline");
  });

  it("of two devices in one unit share its fate", async () => {
    const bench = new ScanBench(plantLike({ drive: BELT, io: { tags: { lamp: { table: "coil", type: "bool" } } } }));
    await bench.run("200ms");
    assert.equal(bench.show("io/lamp"), "false good ok");
    bench.engine.setService("drive", false);
    await bench.run("200ms");
    assert.equal(bench.show("drive/speed"), "null bad disabled");
    assert.equal(bench.show("io/lamp"), "false good ok");
    bench.unit().silent = true;
    await bench.run("3s");
    assert.equal(bench.status("io"), "offline");
    assert.equal(bench.status("drive"), "disabled");
    bench.unit().silent = false;
    await bench.run("6s");
    assert.equal(bench.show("io/lamp"), "false good ok");
  });
});

describe("a device out of service", () => {
  it("is bad and disabled, and no request reaches it", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT, arm: { unit: 2, tags: BELT.tags } }));
    await bench.run("500ms");
    bench.engine.setService("belt", false);
    await bench.run("20ms");
    const before = bench.line().received.filter(({ unit }) => unit === 1).length;
    await bench.run("20s");
    assert.equal(bench.show("belt/speed"), "null bad disabled");
    assert.equal(bench.status("belt"), "disabled");
    assert.equal(bench.line().received.filter(({ unit }) => unit === 1).length, before);
    assert.equal(bench.show("arm/speed"), "0 good ok");
  });

  it("gets nothing of what waited for its turn", async () => {
    const tags = { ...BELT.tags, third: { address: 200, scanClass: "fast" } };
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    await bench.run("500ms");
    bench.unit().latency = ms(50);
    await bench.run("25ms");
    bench.engine.setService("belt", false);
    const before = bench.line().received.length;
    await bench.run("1s");
    assert.equal(bench.line().received.length, before);
  });

  it("is not made good by an answer that comes late", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    bench.unit().latency = ms(70);
    await bench.run("500ms");
    bench.engine.setService("belt", false);
    for (let turn = 0; turn < 10; turn++) {
      await bench.run("20ms");
      if (turn > 0) assert.equal(bench.show("belt/speed"), "null bad disabled");
    }
  });

  it("comes back only with an answer of its own time", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("500ms");
    bench.engine.setService("belt", false);
    await bench.run("500ms");
    bench.unit().silent = true;
    bench.engine.setService("belt", true);
    await bench.run("60ms");
    assert.equal(bench.status("belt"), "connecting");
    bench.unit().silent = false;
    await bench.run("2s");
    assert.equal(bench.show("belt/speed"), "0 good ok");
    assert.equal(bench.status("belt"), "online");
  });

  it("stays so from the start where its plant says so", async () => {
    const bench = new ScanBench(plantLike({ belt: { ...BELT, disabled: true } }));
    await bench.run("5s");
    assert.equal(bench.show("belt/speed"), "null bad disabled");
    assert.equal(bench.line().received.length, 0);
  });

  it("is unknown where there is none of that name", () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    assert.equal(bench.engine.setService("belt2", false), false);
  });
});

describe("a device whose blocks have rare turns", () => {
  it("is back as soon as its line is", async () => {
    const plant = plantLike({ belt: { tags: { a: { scanClass: "rare" } } } });
    const classes = new Map([...plant.scan.classes, ["rare", ms(60_000)] as const]);
    const bench = new ScanBench({ ...plant, scan: { ...plant.scan, classes } });
    await bench.run("1s");
    bench.line().down();
    await bench.run("5s");
    assert.equal(bench.status("belt"), "offline");
    bench.line().open();
    await bench.run("100ms");
    assert.equal(bench.status("belt"), "online");
    assert.equal(bench.show("belt/a"), "0 good ok");
  });
});

describe("a device that is busy", () => {
  it("is degraded while it says nothing else", async () => {
    const bench = new ScanBench(plantLike({ belt: { tags: { a: { scanClass: "fast" } } } }));
    await bench.run("200ms");
    bench.unit().holes = [{ table: "holding", from: 0, to: 9, code: 6 }];
    await bench.run("200ms");
    assert.equal(bench.status("belt"), "degraded");
    assert.match(bench.engine.status("belt")?.reason ?? "", /busy/);
    bench.unit().holes = [];
    await bench.run("200ms");
    assert.equal(bench.status("belt"), "online");
  });
});

describe("a tag on demand", () => {
  it("that nobody read does not stay offline when its device is back", async () => {
    const tags = { a: { scanClass: "fast" }, asked: { address: 90, scanClass: "onDemand" } };
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    await bench.run("200ms");
    bench.line().down();
    await bench.run("2s");
    assert.equal(bench.show("belt/asked"), "null bad offline");
    bench.line().open();
    await bench.run("200ms");
    assert.equal(bench.show("belt/asked"), "null bad neverRead");
  });
});

describe("a refused address", () => {
  const tags = Object.fromEntries(
    Array.from({ length: 20 }, (_, address) => [`t${address}`, { address, scanClass: "fast" }]),
  );

  it("is found and named, and everything else keeps running", async () => {
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    bench.unit().holes = [{ table: "holding", from: 13, to: 13, code: 2 }];
    await bench.run("500ms");
    assert.equal(bench.show("belt/t13"), "null bad refused");
    for (const name of Object.keys(tags))
      if (name !== "t13") assert.equal(bench.show(`belt/${name}`), "0 good ok", name);
    assert.equal(bench.status("belt"), "degraded");
    assert.equal(bench.engine.status("belt")?.reason, "refuses t13");
    const told = bench.sink.events.filter(({ event }) => event === "tag.refused");
    assert.deepEqual(
      told.map(({ fields }) => fields["tags"]),
      ["t13"],
    );
    const named = bench.sink.blockList.flat().map((tag) => bench.entries[tag]?.tag.name);
    assert.deepEqual(
      [...named].sort(),
      Object.keys(tags)
        .filter((name) => name !== "t13")
        .sort(),
    );
    const renewed = bench.sink.batches.at(-1)?.renewed.map(({ block }) => block);
    assert.equal(renewed?.length, bench.sink.blockList.length);
    const busy = bench.line().received.length;
    await bench.run("5s");
    const perCycle = (bench.line().received.length - busy) / 250;
    assert.ok(perCycle < 6, `${perCycle} requests per cycle`);
    assert.equal(bench.show("belt/t0"), "0 good ok");
  });

  it("comes back after a while where it is answered by then, and is told once while it is not", async () => {
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    bench.unit().holes = [{ table: "holding", from: 0, to: 30, code: 2 }];
    await bench.run("14s");
    assert.equal(bench.show("belt/t0"), "null bad refused");
    assert.equal(bench.status("belt"), "degraded");
    await bench.run("60s");
    const told = bench.sink.events.filter(({ event }) => event === "tag.refused");
    assert.ok(told.length <= 3, `${told.length} events`);
    const names = told.flatMap(({ fields }) => String(fields["tags"]).split(", "));
    assert.deepEqual(names.sort(), Object.keys(tags).sort());
    const changes = bench.sink.statuses.filter(({ status }) => status === "online").length;
    bench.unit().holes = [];
    await bench.run("120s");
    assert.equal(bench.show("belt/t0"), "0 good ok");
    assert.equal(bench.status("belt"), "online");
    assert.equal(bench.sink.statuses.filter(({ status }) => status === "online").length, changes + 1);
  });

  it("that is refused for a moment costs more requests for a while only, and is told once", async () => {
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    await bench.run("100ms");
    const unit = bench.unit();
    unit.holes = [{ table: "holding", from: 3, to: 13, code: 2 }];
    const take = unit.take.bind(unit);
    unit.take = (request) => {
      const answer = take(request);
      unit.holes = [];
      return answer;
    };
    await bench.run("20s");
    const before = bench.line().received.length;
    await bench.run("2s");
    assert.equal(bench.line().received.length - before, 100);
    const told = bench.sink.events.filter(({ event }) => event === "block.split");
    assert.deepEqual(
      told.map(({ fields }) => fields["at"]),
      ["holding 0..19"],
    );
  });

  it("comes back with the device", async () => {
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    bench.unit().holes = [{ table: "holding", from: 3, to: 3, code: 2 }];
    await bench.run("1s");
    bench.unit().silent = true;
    await bench.run("3s");
    bench.unit().silent = false;
    bench.unit().holes = [];
    await bench.run("6s");
    assert.equal(bench.show("belt/t3"), "0 good ok");
    assert.equal(bench.status("belt"), "online");
  });

  it("does not hide that the device has died when it refuses all it has", async () => {
    const bench = new ScanBench(plantLike({ belt: { tags } }));
    bench.unit().holes = [{ table: "holding", from: 0, to: 30, code: 1 }];
    await bench.run("2s");
    assert.equal(bench.status("belt"), "degraded");
    bench.unit().silent = true;
    await bench.run("30s");
    assert.equal(bench.status("belt"), "offline");
  });
});

describe("a cycle", () => {
  it("counts what it asked for, what came, and what was still under way at its turn", async () => {
    const bench = new ScanBench(plantLike({ belt: { ...BELT, timing: { responseTimeout: ms(500) } } }));
    await bench.run("1s");
    bench.engine.takeStatistics();
    await bench.run("1s");
    const calm = bench.engine.takeStatistics();
    assert.deepEqual([calm.cycles, calm.skipped, calm.blocksMissed], [50, 0, 0]);
    assert.deepEqual([calm.blocksPlanned, calm.blocksDone], [51, 51]);
    bench.unit().latency = ms(50);
    await bench.run("1s");
    const slow = bench.engine.takeStatistics();
    assert.ok(slow.blocksMissed > 25, `${slow.blocksMissed} missed`);
    assert.deepEqual([slow.total.cycles, slow.total.blocksMissed], [150, slow.blocksMissed]);
  });

  it("that was passed over has its turns made up for", () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    bench.pacemaker.stop();
    const turn = (cycle: number): number => bench.engine.cycle({ cycle, lateness: ms(0), skipped: 0 }).blocksPlanned;
    assert.equal(turn(0) + turn(1), 3);
    assert.equal(turn(51), 2);
    assert.equal(turn(52), 1);
  });

  it("throws what a line's transaction ended with by a bug of ours", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("110ms");
    bench.pacemaker.stop();
    bench.line().send = () => Promise.reject(new Error("a bug"));
    bench.engine.cycle({ cycle: 100, lateness: ms(0), skipped: 0 });
    await bench.run("1ms");
    assert.throws(() => bench.engine.cycle({ cycle: 101, lateness: ms(0), skipped: 0 }), /a bug/);
  });

  it("that is the last leaves nothing unheard: the end tells what went wrong since", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("110ms");
    bench.pacemaker.stop();
    bench.line().send = () =>
      new Promise((_resolve, reject) => bench.clock.after("a bug", ms(50), () => reject(new Error("a late bug"))));
    bench.engine.cycle({ cycle: 100, lateness: ms(0), skipped: 0 });
    const [bug] = await Promise.all([bench.engine.close(), bench.run("100ms")]);
    assert.match(String(bug?.error), /a late bug/);
  });

  it("tells everything again to a listener that starts afresh", async () => {
    const bench = new ScanBench(plantLike({ belt: BELT }));
    await bench.run("500ms");
    const { sink } = bench;
    sink.batches.length = 0;
    sink.statuses.length = 0;
    bench.engine.resend();
    await bench.run(`${time("20ms")}ms`);
    assert.deepEqual(
      sink.batches[0]?.samples.map(({ tag }) => tag),
      [0, 1],
    );
    assert.deepEqual(
      sink.statuses.map(({ status }) => status),
      ["online"],
    );
  });
});
