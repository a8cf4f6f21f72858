import assert from "node:assert/strict";
import type { LogFields } from "../../../src/kit/logger.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { SHELVES } from "../../../src/store/shelves.ts";
import { type Change, Store } from "../../../src/store/store.ts";
import { MemoryDisk } from "../../support/store/memory-disk.ts";

const WITHIN = ms(1000);

class Bench {
  readonly clock = new VirtualClock();
  readonly disk = new MemoryDisk();
  readonly told: (readonly [string, LogFields])[] = [];
  readonly store = new Store({
    folder: "/store",
    kind: this.disk,
    clock: this.clock,
    tell: (event, fields) => this.told.push([event, fields]),
  });

  async open(): Promise<this> {
    await this.during(this.store.open(WITHIN));
    return this;
  }

  /** What a promise is worth once `span` has passed. */
  async during<T>(promise: Promise<T>, span = ms(0)): Promise<T> {
    await this.clock.advance(span);
    const open = Symbol("open");
    const settled = await Promise.race([promise, Promise.resolve(open)]);
    assert.notEqual(settled, open, "it has not settled");
    return promise;
  }

  write(changes: readonly Change[], durable = true): ReturnType<Store["write"]> {
    return this.store.write(changes, { durable, within: WITHIN });
  }

  get events(): readonly string[] {
    return this.told.map(([event]) => event);
  }
}

function job(key: string, value: Change["value"] = { key }): Change {
  return { shelf: "jobs", key, value };
}

describe("the store", () => {
  it("gives back what it acknowledged, in the order of the keys, a page at a time", async () => {
    const bench = await new Bench().open();
    const stored = await bench.during(
      bench.write([job("b"), job("a"), job("c"), { shelf: "holes", key: "b", value: 1 }]),
    );
    assert.deepEqual(stored, { ok: true, value: undefined });
    const page = await bench.during(bench.store.read("jobs", { limit: 2 }, WITHIN));
    assert.deepEqual(page.ok && page.value, [
      { key: "a", value: { key: "a" } },
      { key: "b", value: { key: "b" } },
    ]);
    const next = await bench.during(bench.store.read("jobs", { after: "b", limit: 2 }, WITHIN));
    assert.deepEqual(next.ok && next.value, [{ key: "c", value: { key: "c" } }]);
  });

  it("knows after it was opened again how much lies on its shelves", async () => {
    const bench = await new Bench().open();
    await bench.during(bench.write([job("a"), job("b"), job("c")]));
    await bench.during(bench.write([{ shelf: "jobs", key: "b", value: undefined }]));
    const before = bench.store.counters();
    await bench.during(bench.store.close(WITHIN));
    const again = new Store({ folder: "/store", kind: bench.disk, clock: bench.clock, tell: () => undefined });
    await bench.during(again.open(WITHIN));
    assert.deepEqual(again.counters(), before);
    assert.equal(before.entries, 2);
  });

  it("writes what came during a write in one go, durable when any of it has to be", async () => {
    const bench = await new Bench().open();
    bench.disk.writes.length = 0;
    bench.disk.hang();
    const all = [bench.write([job("a")], false), bench.write([job("b")], false), bench.write([job("c")], true)];
    await bench.clock.advance(ms(1));
    bench.disk.release?.();
    await bench.during(Promise.all(all));
    assert.deepEqual(bench.disk.writes, [false, true]);
  });

  it("answers by the deadline when the disk hangs, and says so once", async () => {
    const bench = await new Bench().open();
    bench.disk.hang();
    const stuck = [bench.write([job("a")]), bench.write([job("b")])];
    for (const write of stuck) {
      const late = await bench.during(write, WITHIN);
      assert.equal(!late.ok && late.failure.kind, "late");
    }
    assert.deepEqual(bench.events, ["store.slow"]);
    bench.disk.release?.();
    await bench.clock.advance(ms(1));
    assert.deepEqual(await bench.during(bench.write([job("c")])), { ok: true, value: undefined });
  });

  it("takes no more than its bound while the disk hangs", async () => {
    const bench = await new Bench().open();
    bench.disk.hang();
    const writes = Array.from({ length: 4200 }, (_, index) => bench.write([job(`j${index}`)]));
    bench.disk.release?.();
    const results = await bench.during(Promise.all(writes), ms(10));
    assert.equal(results.filter((result) => result.ok).length, 4097);
    const refused = results.find((result) => !result.ok);
    assert.deepEqual(refused, { ok: false, failure: { kind: "unavailable", reason: "the disk is too slow" } });
  });

  it("refuses new work on a full disk, says so once, and is back by itself", async () => {
    const bench = await new Bench().open();
    bench.disk.full = "No space left on device";
    const failure = { kind: "unavailable", reason: "No space left on device" };
    assert.deepEqual(await bench.during(bench.write([job("a")])), { ok: false, failure });
    assert.deepEqual(await bench.during(bench.write([job("b")])), { ok: false, failure });
    assert.deepEqual(bench.store.state, { state: "unavailable", reason: failure.reason });
    await bench.clock.advance(ms(12_000));
    assert.deepEqual(bench.events, ["store.unavailable"], "opening writes too, and fails alike");
    bench.disk.full = undefined;
    await bench.clock.advance(ms(6000));
    assert.deepEqual(bench.events, ["store.unavailable", "store.available"]);
    assert.deepEqual(await bench.during(bench.write([job("c")])), { ok: true, value: undefined });
    assert.deepEqual(
      [...bench.disk.records.keys()].filter((key) => key.startsWith("jobs")),
      ["jobs!c"],
    );
  });

  it("leaves nobody waiting whose write came while it closed the broken database", async () => {
    const bench = await new Bench().open();
    bench.disk.hang();
    bench.disk.full = "Input/output error";
    const writes = [bench.write([job("a")]), bench.write([job("b")])];
    bench.disk.release?.();
    const results = await bench.during(Promise.all(writes), ms(1));
    assert.ok(results.every((result) => !result.ok && result.failure.kind === "unavailable"));
  });

  it("refuses a record for which there is no room where nothing may be dropped", async () => {
    const bench = await new Bench().open();
    const large = "x".repeat(SHELVES.counters.bytes - 100);
    assert.equal((await bench.during(bench.write([{ shelf: "counters", key: "a", value: large }]))).ok, true);
    const refused = await bench.during(bench.write([{ shelf: "counters", key: "b", value: "x".repeat(200) }]));
    const reason = `no room for more counters (at most ${SHELVES.counters.entries})`;
    assert.deepEqual(refused, { ok: false, failure: { kind: "full", reason } });
    assert.equal((await bench.during(bench.write([{ shelf: "counters", key: "a", value: "x" }]))).ok, true);
  });

  it("drops the oldest and counts it where that is the rule, on the disk too", async () => {
    const bench = await new Bench().open();
    const half = "x".repeat(SHELVES.holes.bytes / 2 - 1000);
    for (const key of ["a", "b", "c"]) await bench.during(bench.write([{ shelf: "holes", key, value: half }]));
    assert.equal(bench.store.counters().dropped, 1);
    const left = await bench.during(bench.store.read("holes", { limit: 9 }, WITHIN));
    assert.deepEqual(left.ok && left.value.map(({ key }) => key), ["b", "c"]);
  });

  it("removes a damaged record and says so", async () => {
    const bench = new Bench();
    bench.disk.records.set("jobs!a", "00000000{}");
    await bench.open();
    assert.deepEqual(bench.told, [["store.damaged", { folder: "/store", records: 1, first: "jobs!a" }]]);
    assert.equal(bench.disk.records.has("jobs!a"), false);
    assert.deepEqual(bench.store.state, { state: "open" });
  });

  it("says what the database itself could not read", async () => {
    const bench = new Bench();
    bench.disk.losses.push("dropping 20 bytes; Corruption: checksum mismatch");
    await bench.open();
    assert.deepEqual(bench.events, ["store.damaged"]);
  });

  it("mends a database that does not open, and else puts it aside, each with an event", async () => {
    const mended = new Bench();
    mended.disk.openFaults.push(["corrupt", "bad manifest"]);
    await mended.open();
    assert.deepEqual([mended.disk.repaired, mended.disk.aside], [1, 0]);
    assert.deepEqual(mended.told, [["store.repaired", { folder: "/store", reason: "bad manifest" }]]);

    const lost = new Bench();
    lost.disk.openFaults.push(["corrupt", "bad manifest"], ["corrupt", "still bad"]);
    await lost.open();
    assert.deepEqual(lost.events, ["store.repaired", "store.setAside"]);
    assert.deepEqual(lost.told[1]?.[1], { folder: "/store", aside: "/store.damaged-1", reason: "still bad" });
    assert.deepEqual(lost.store.state, { state: "open" });
  });

  it("is not there while another process has it, and opens when that one is gone", async () => {
    const bench = new Bench();
    bench.disk.openFaults.push(["locked", "LOCK"], ["locked", "LOCK"]);
    const state = await bench.during(bench.store.open(WITHIN), WITHIN);
    assert.deepEqual(state, { state: "unavailable", reason: "it is in use by another takt" });
    await bench.clock.advance(ms(10_000));
    assert.deepEqual(bench.events, ["store.unavailable", "store.available"]);
    assert.equal(bench.disk.repaired, 0);
  });

  it("leaves a store of a newer takt as it is", async () => {
    const bench = await new Bench().open();
    const { encodeRecord } = await import("../../../src/store/stored-json.ts");
    bench.disk.records.set("!format", encodeRecord(2));
    bench.disk.records.set("jobs!a", encodeRecord(1));
    const before = new Map(bench.disk.records);
    const older = new Store({ folder: "/store", kind: bench.disk, clock: bench.clock, tell: () => undefined });
    const state = await bench.during(older.open(WITHIN), WITHIN);
    assert.match(state.state === "unavailable" ? state.reason : "", /format 2 is of a newer takt/);
    assert.deepEqual(bench.disk.records, before);
    await bench.during(older.close(WITHIN));
  });

  it("writes what waits before it closes, and leaves no timer", async () => {
    const bench = await new Bench().open();
    bench.disk.hang();
    const writes = [bench.write([job("a")]), bench.write([job("b")])];
    const closed = bench.store.close(WITHIN);
    bench.disk.release?.();
    await bench.during(closed, ms(1));
    assert.ok((await Promise.all(writes)).every(({ ok }) => ok));
    assert.equal((await bench.write([job("c")])).ok, false);
    assert.deepEqual(bench.clock.pending, []);
  });

  it("closes in time when the disk hangs", async () => {
    const bench = await new Bench().open();
    bench.disk.hang();
    const write = bench.write([job("a")]);
    await bench.during(bench.store.close(ms(200)), ms(200));
    bench.disk.release?.();
    await bench.during(write, ms(1));
  });
});
