import assert from "node:assert/strict";
import { ms } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { Outbox, type OutboxEntry } from "../../../src/store/outbox.ts";
import { Store } from "../../../src/store/store.ts";
import { MemoryDisk } from "../../support/store/memory-disk.ts";

const WITHIN = ms(1000);

interface Given {
  readonly disk?: MemoryDisk | undefined;
  readonly maxAge?: number;
  readonly pace?: number;
  readonly clock?: VirtualClock;
}

class Bench {
  readonly clock: VirtualClock;
  readonly disk: MemoryDisk | undefined;
  readonly outbox: Outbox;
  readonly faults: unknown[] = [];
  readonly #store: Store | undefined;

  private constructor({ disk, clock = new VirtualClock(), maxAge = 3_600_000, pace = 1 }: Given) {
    this.clock = clock;
    this.disk = disk;
    this.#store = disk && new Store({ folder: "/store", kind: disk, clock: this.clock, tell: () => undefined });
    this.outbox = new Outbox({
      store: this.#store,
      shelf: "outbox",
      clock: this.clock,
      maxAge: ms(maxAge),
      pace: ms(pace),
      onError: (error) => this.faults.push(error),
    });
  }

  static async open(given: Given = {}): Promise<Bench> {
    const bench = new Bench({ disk: new MemoryDisk(), ...given });
    const opened = bench.#store?.open(WITHIN);
    await bench.pass(10);
    await opened;
    return bench;
  }

  async pass(span: number): Promise<void> {
    await this.clock.advance(ms(span));
  }

  /** Takes what comes within `span`, looking every 10 ms. */
  async taken(span = 500): Promise<readonly OutboxEntry[]> {
    const taken: OutboxEntry[] = [];
    for (let left = span; left > 0; left -= 10) {
      for (let entry = this.outbox.next(); entry; entry = this.outbox.next()) taken.push(entry);
      await this.pass(10);
    }
    return taken;
  }

  async values(span = 500): Promise<readonly unknown[]> {
    const taken = await this.taken(span);
    for (const entry of taken) this.outbox.acknowledged(entry);
    return taken.map(({ value }) => value);
  }

  get stored(): number {
    return [...(this.disk?.records.keys() ?? [])].filter((key) => key.startsWith("outbox!")).length;
  }

  async close(): Promise<void> {
    const closed = this.outbox.close();
    await this.pass(10);
    await closed;
    const shut = this.#store?.close(WITHIN);
    await this.pass(2000);
    await shut;
    assert.deepEqual(this.clock.pending, []);
    assert.deepEqual(this.faults, []);
  }
}

describe("the outbox", () => {
  it("gives nothing while nobody is there, and then everything in the order in which it was made", async () => {
    const bench = await Bench.open();
    for (let value = 0; value < 1000; value++) bench.outbox.keep(value);
    assert.deepEqual(await bench.values(), []);
    bench.outbox.connected();
    assert.deepEqual(
      await bench.values(2000),
      Array.from({ length: 1000 }, (_, value) => value),
    );
    await bench.pass(1000);
    assert.equal(bench.stored, 0);
    assert.deepEqual(bench.outbox.counters(), {
      waiting: 0,
      bytes: 0,
      unstored: 0,
      dropped: 0,
      expired: 0,
      replayed: 1000,
    });
    await bench.close();
  });

  it("stores nothing that is acknowledged within a second, and all that is not", async () => {
    const bench = await Bench.open();
    bench.outbox.connected();
    const quick = bench.outbox.live("quick");
    const slow = bench.outbox.live("slow");
    await bench.pass(900);
    assert.equal(bench.stored, 0);
    bench.outbox.acknowledged(quick);
    await bench.pass(500);
    assert.equal(bench.stored, 1);
    assert.deepEqual(await bench.values(), [], "it is on its way");
    bench.outbox.acknowledged(slow);
    await bench.pass(500);
    assert.equal(bench.stored, 0);
    await bench.close();
  });

  it("stores at once while nobody is there", async () => {
    const bench = await Bench.open();
    bench.outbox.connected();
    bench.outbox.live("on its way");
    bench.outbox.disconnected();
    bench.outbox.keep("made while away");
    await bench.pass(1);
    assert.equal(bench.stored, 2);
    await bench.close();
  });

  it("gives again what was on its way when the connection broke, stored or not, in order", async () => {
    const bench = await Bench.open();
    bench.outbox.keep("a");
    await bench.pass(10);
    bench.outbox.connected();
    bench.outbox.live("b");
    const [again] = await bench.taken();
    assert.equal(again?.value, "a");
    await bench.pass(2000);
    bench.outbox.live("c");
    bench.outbox.disconnected();
    bench.outbox.keep("d");
    bench.outbox.connected();
    assert.deepEqual(await bench.values(), ["a", "b", "c", "d"]);
    await bench.close();
  });

  it("does not overtake what is on its way for the first time: it may have to come again", async () => {
    const bench = await Bench.open();
    bench.outbox.connected();
    const first = bench.outbox.live("first");
    bench.outbox.keep("second");
    assert.deepEqual(await bench.values(), []);
    await bench.pass(2000);
    assert.deepEqual(await bench.values(), [], "nor when both are stored");
    bench.outbox.acknowledged(first);
    assert.deepEqual(await bench.values(), ["second"]);
    await bench.close();
  });

  it("goes on after a restart where it ended, and in the order of both lives", async () => {
    const disk = new MemoryDisk();
    const first = await Bench.open({ disk });
    for (const value of ["a", "b", "c"]) first.outbox.keep(value);
    await first.pass(10);
    first.outbox.connected();
    const [one] = await first.taken(20);
    if (one) first.outbox.acknowledged(one);
    await first.close();
    const second = await Bench.open({ disk });
    second.outbox.keep("d");
    second.outbox.connected();
    assert.deepEqual(await second.values(), ["b", "c", "d"]);
    await second.close();
  });

  it("sends at its pace", async () => {
    const bench = await Bench.open({ pace: 20 });
    for (let value = 0; value < 500; value++) bench.outbox.keep(value);
    bench.outbox.connected();
    const { length } = await bench.values(2000);
    assert.ok(length >= 98 && length <= 108, `${length} in 2 s`);
    await bench.close();
  });

  it("does not send what is too old, counts it, and removes it", async () => {
    const bench = await Bench.open({ maxAge: 60_000 });
    bench.outbox.keep("old");
    await bench.pass(50_000);
    bench.outbox.keep("young");
    await bench.pass(20_000);
    bench.outbox.connected();
    assert.deepEqual(await bench.values(), ["young"]);
    assert.equal(bench.outbox.counters().expired, 1);
    await bench.pass(1000);
    assert.equal(bench.stored, 0);
    await bench.close();
  });

  it("keeps the newest that fit into memory where there is no store, and counts the others", async () => {
    const bench = await Bench.open({ disk: undefined });
    const text = "x".repeat(10_000);
    for (let value = 0; value < 1000; value++) bench.outbox.keep({ value, text });
    const { waiting, bytes, dropped } = bench.outbox.counters();
    assert.equal(waiting + dropped, 1000);
    assert.ok(bytes <= 4 << 20 && waiting > 400, `${waiting} of ${bytes} bytes`);
    bench.outbox.connected();
    const values = await bench.values(2000);
    assert.deepEqual(
      values.map((each) => (each as { value: number }).value),
      Array.from({ length: waiting }, (_, index) => dropped + index),
    );
    await bench.close();
  });

  it("waits for a full disk, loses nothing that fits into memory, and leaves nothing behind", async () => {
    const bench = await Bench.open();
    const { disk } = bench;
    bench.outbox.keep("before");
    await bench.pass(10);
    if (disk) disk.full = "no space left on device";
    bench.outbox.keep("meanwhile");
    await bench.pass(20_000);
    bench.outbox.connected();
    assert.deepEqual(await bench.values(), [], "what is stored comes first");
    if (disk) disk.full = undefined;
    await bench.pass(10_000);
    assert.deepEqual(await bench.values(), ["before", "meanwhile"]);
    await bench.pass(1000);
    assert.equal(bench.stored, 0);
    await bench.close();
  });

  it("sends out of memory while the disk is full and nothing is stored", async () => {
    const bench = await Bench.open();
    if (bench.disk) bench.disk.full = "no space left on device";
    bench.outbox.keep("a");
    bench.outbox.keep("b");
    await bench.pass(1000);
    bench.outbox.connected();
    assert.deepEqual(await bench.values(), ["a", "b"]);
    await bench.close();
  });
});
