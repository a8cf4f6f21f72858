import assert from "node:assert/strict";
import type { JobChange } from "../../../src/job/job-journal.ts";
import type { JobState } from "../../../src/job/job.ts";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { JobStore } from "../../../src/store/job-store.ts";
import { Store } from "../../../src/store/store.ts";
import { MemoryDisk } from "../../support/store/memory-disk.ts";
import { endedJob, givenJob, queuedJob } from "../../support/jobs/sample-job.ts";

class Bench {
  readonly clock = new VirtualClock();
  readonly disk = new MemoryDisk();
  /** What happened, in order. */
  readonly told: string[] = [];
  readonly untold: string[] = [];
  readonly read: (readonly [changes: readonly JobChange[], unreadable: number])[] = [];
  readonly store = new Store({ folder: "/store", kind: this.disk, clock: this.clock, tell: () => undefined });
  readonly jobs = new JobStore({
    store: this.store,
    read: ({ changes, untold, unreadable }) => {
      this.read.push([changes, unreadable]);
      this.untold.push(...untold.map(({ id }) => id));
    },
    stored: (changes) => this.told.push(`told ${changes.map(nameOf).join(" ")}`),
    acknowledge: (append, refusal) => this.told.push(`${append} ${refusal ?? "stored"}`),
    onError: (error) => assert.fail(String(error)),
  });

  async open(): Promise<this> {
    const opened = this.store.open(ms(100));
    await this.pass(ms(100));
    await opened;
    await this.pass();
    return this;
  }

  /** Lets what is due happen. */
  async pass(time = ms(0)): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await this.clock.advance(turn === 0 ? time : ms(0));
  }
}

function nameOf(change: JobChange): string {
  return change.kind === "job" ? `${change.job.id}:${change.job.state}` : change.kind;
}

const order = (id: string): JobChange => ({ kind: "job", job: queuedJob({ id }) });

describe("the store of jobs", () => {
  it("tells what is stored, then acknowledges it, in the order in which it came", async () => {
    const bench = await new Bench().open();
    bench.disk.hang();
    bench.jobs.append(1, [order("a")]);
    bench.jobs.append(2, [order("b"), { kind: "mail", device: "picker1", epoch: 1, sequence: 1 }]);
    await bench.pass();
    assert.deepEqual(bench.told, []);
    bench.disk.release?.();
    await bench.pass();
    assert.deepEqual(bench.told, ["told a:queued", "1 stored", "told b:queued mail", "2 stored"]);
  });

  it("gives back every kind of change as it was stored, the newest of each", async () => {
    const changes: readonly JobChange[] = [
      { kind: "job", job: queuedJob({ id: "a", labels: { box: "17" }, parameters: { x: 1.5 } }) },
      { kind: "job", job: givenJob({ id: "b", replyTo: [{ topic: "answers", correlationData: "AAE=" }] }) },
      { kind: "job", job: endedJob({ id: "c", reason: "as anna says" }) },
      { kind: "mail", device: "picker1", epoch: 3, sequence: 0xffff },
      {
        kind: "totals",
        pool: "pickers",
        totals: {
          orders: 3,
          done: 1,
          failed: 0,
          devices: { picker1: { done: 1, failed: 0, work: ms(5), longest: ms(5) } },
        },
      },
    ];
    const bench = await new Bench().open();
    bench.jobs.append(1, [order("b"), order("forgotten"), { kind: "mail", device: "picker1", epoch: 1, sequence: 1 }]);
    bench.jobs.append(2, [...changes, { kind: "forgotten", pool: "pickers", id: "forgotten" }]);
    await bench.pass();
    const { records } = bench.disk;
    const again = new Bench();
    for (const [key, record] of records) again.disk.records.set(key, record);
    await again.open();
    assert.deepEqual(again.read, [[changes, 0]]);
  });

  it("gives back the ends that were not told, and only those", async () => {
    const end = (id: string): JobChange => ({ kind: "job", job: endedJob({ id }) });
    const bench = await new Bench().open();
    bench.jobs.append(1, [end("a"), end("b"), order("c")]);
    bench.jobs.append(2, [end("d"), end("e")]);
    await bench.pass();
    bench.jobs.told(endedJob({ id: "a" }));
    bench.jobs.append(3, [{ kind: "forgotten", pool: "pickers", id: "d" }]);
    await bench.jobs.settled();
    bench.jobs.told(endedJob({ id: "b" }));
    await bench.jobs.close();
    const again = new Bench();
    for (const [key, record] of bench.disk.records) again.disk.records.set(key, record);
    again.jobs.append(1, [end("e")]);
    await again.open();
    assert.deepEqual(again.untold, ["d"]);
    assert.deepEqual(again.read[0]?.[0].map(nameOf), ["a:done", "b:done", "c:queued"]);
  });

  const durable: readonly (readonly [what: string, change: JobChange, durable: boolean])[] = [
    ["an order", order("a"), true],
    ...(["assigned", "quarantined", "unknown"] as const).map(
      (state) => [`that a job is ${state}`, { kind: "job", job: givenJob({ state }) }, true] as const,
    ),
    ["the end of a job", { kind: "job", job: endedJob() }, true],
    ["the number of a mail", { kind: "mail", device: "picker1", epoch: 1, sequence: 1 }, true],
    ...(["sent", "accepted", "running"] as const satisfies readonly JobState[]).map(
      (state) =>
        [`that a job is ${state}, which is seen again`, { kind: "job", job: givenJob({ state }) }, false] as const,
    ),
  ];
  for (const [what, change, outlives] of durable) {
    it(`stores ${what} so that it ${outlives ? "outlives a power cut" : "outlives the process"}`, async () => {
      const bench = await new Bench().open();
      bench.disk.writes.length = 0;
      bench.jobs.append(1, [change]);
      await bench.pass();
      assert.deepEqual(bench.disk.writes, [outlives]);
    });
  }

  it("says of what a full disk does not take why, tells nobody of it, and goes on when there is room", async () => {
    const bench = await new Bench().open();
    bench.disk.full = "no space left on device";
    bench.jobs.append(1, [order("a")]);
    await bench.pass();
    assert.deepEqual(bench.told, ["1 no space left on device"]);
    bench.disk.full = undefined;
    await bench.pass(ms(6000));
    bench.jobs.append(2, [order("b")]);
    await bench.pass();
    assert.deepEqual(bench.told.slice(1), ["told b:queued", "2 stored"]);
    assert.deepEqual(
      [...bench.disk.records.keys()].filter((key) => key.endsWith("/a")),
      [],
    );
  });

  it("waits for a slow disk instead of refusing what may lie on it, and never writes older over newer", async () => {
    const bench = await new Bench().open();
    bench.disk.hang();
    bench.jobs.append(1, [{ kind: "job", job: givenJob({ id: "a" }) }]);
    await bench.pass(ms(2000));
    bench.jobs.append(2, [{ kind: "job", job: endedJob({ id: "a" }) }]);
    await bench.pass(ms(2500));
    assert.deepEqual(bench.told, []);
    bench.disk.release?.();
    await bench.pass();
    assert.deepEqual(bench.told, ["told a:running", "1 stored", "told a:done", "2 stored"]);
    assert.match([...bench.disk.records].find(([key]) => key.endsWith("/a"))?.[1] ?? "", /"state":"done"/);
  });

  it("reads when the store is there, once, and says how many records nobody understands", async () => {
    const bench = new Bench();
    bench.disk.openFaults.push(["locked", "it is in use by another takt"]);
    await bench.open();
    bench.jobs.load();
    await bench.pass();
    assert.equal(bench.read.length, 0);
    const other = await new Bench().open();
    other.jobs.append(1, [order("a")]);
    const foreign = { key: "job/pickers/b", value: { kind: "job", job: { state: "of a later takt" } } };
    const written = other.store.write([{ ...foreign, shelf: "jobs" }], { durable: true, within: ms(100) });
    await other.pass();
    assert.ok((await written).ok);
    for (const [key, record] of other.disk.records) bench.disk.records.set(key, record);
    await bench.pass(ms(6000));
    assert.deepEqual(
      bench.read.map(([changes, unreadable]) => [changes.map(nameOf), unreadable]),
      [[["a:queued"], 1]],
    );
    bench.jobs.load();
    await bench.pass();
    assert.equal(bench.read.length, 1);
  });

  it("does not give back as stored what was replaced while it was being read", async () => {
    const before = await new Bench().open();
    before.jobs.append(1, [order("a"), order("b")]);
    await before.pass();
    const bench = new Bench();
    for (const [key, record] of before.disk.records) bench.disk.records.set(key, record);
    bench.store.changes.on(({ state }) => {
      if (state === "open") bench.jobs.append(1, [{ kind: "job", job: endedJob({ id: "a" }) }]);
    });
    await bench.open();
    assert.deepEqual(
      bench.read.map(([changes]) => changes.map(nameOf)),
      [["b:queued"]],
    );
  });
});
