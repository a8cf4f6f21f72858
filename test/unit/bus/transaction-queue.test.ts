import assert from "node:assert/strict";
import fc from "fast-check";
import type { Lane, Transaction } from "../../../src/bus/line/line.ts";
import { TransactionQueue } from "../../../src/bus/line/transaction-queue.ts";
import { instant, ms } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";

interface Item {
  readonly name: string;
  readonly transaction: Transaction;
}

const READ: Request = { fc: 3, address: 0, quantity: 1 };
const WRITE: Request = { fc: 6, address: 0, value: 1 };

function item(name: string, unit: number, lane: Lane, options: Partial<Transaction> = {}): Item {
  const request = lane === "write" ? WRITE : READ;
  return { name, transaction: { unit, lane, request, responseTimeout: ms(100), ...options } };
}

function queue(
  window: number,
  unitWindows: Readonly<Record<number, number>> = {},
  limit = 100,
): TransactionQueue<Item> {
  const windows = new Map(Object.entries(unitWindows).map(([unit, size]) => [Number(unit), size]));
  return new TransactionQueue({ window, unitWindows: windows, limit });
}

/** Adds `items`, and takes what may go at once. */
function sent(of: TransactionQueue<Item>, ...items: readonly Item[]): string {
  for (const each of items) assert.ok(of.add(each));
  const names: string[] = [];
  for (let next = of.next(); next; next = of.next()) names.push(next.name);
  return names.join(" ");
}

describe("the transaction queue", () => {
  it("lets writes go before reads before slack, each in the order of asking", () => {
    const line = queue(9);
    const order = sent(
      line,
      item("s1", 1, "slack"),
      item("r2", 2, "read"),
      item("w3", 3, "write"),
      item("r4", 4, "read"),
      item("w5", 5, "write"),
    );
    assert.equal(order, "w3 w5 r2 r4 s1");
  });

  it("keeps the windows of line and unit", () => {
    const line = queue(3, { 1: 2 });
    const first = item("a", 1, "read");
    assert.equal(
      sent(line, first, item("b", 1, "read"), item("c", 1, "read"), item("d", 2, "read"), item("e", 3, "read")),
      "a b d",
    );
    line.release(first.transaction);
    assert.equal(sent(line), "c");
  });

  it("gives a unit one at a time where nothing else is said", () => {
    const line = queue(8);
    const first = item("a", 1, "read");
    assert.equal(sent(line, first, item("b", 1, "read"), item("c", 2, "read")), "a c");
    line.release(first.transaction);
    assert.equal(sent(line), "b");
  });

  it("holds a write until its unit's reads are answered, and what comes later until the write is settled", () => {
    const line = queue(8, { 1: 4 });
    const reads = [item("r1", 1, "read"), item("r2", 1, "read")];
    const write = item("w", 1, "write");
    assert.equal(sent(line, ...reads), "r1 r2");
    assert.equal(sent(line, write, item("r3", 1, "read"), item("other", 2, "read")), "other");
    line.release(transactionAt(reads, 0));
    assert.equal(sent(line), "");
    line.release(transactionAt(reads, 1));
    assert.equal(sent(line), "w");
    line.release(write.transaction);
    assert.equal(sent(line), "r3");
  });

  it("treats a read with a follow-up as a barrier too", () => {
    const line = queue(8, { 1: 4 });
    const chain = item("chain", 1, "read", { follow: () => undefined });
    assert.equal(sent(line, chain, item("r", 1, "read")), "chain");
    line.release(chain.transaction);
    assert.equal(sent(line), "r");
  });

  it("does not let reads overtake a waiting write of the same unit in a lower lane", () => {
    const line = queue(8, { 1: 4 });
    const read = item("r1", 1, "read");
    assert.equal(sent(line, read), "r1");
    assert.equal(sent(line, item("w", 1, "read", { request: WRITE }), item("r2", 1, "read")), "");
    line.release(read.transaction);
    assert.equal(sent(line), "w");
  });

  it("refuses when full and counts only what waits", () => {
    const line = queue(1, {}, 2);
    assert.equal(sent(line, item("a", 1, "read")), "a");
    assert.deepEqual(
      [1, 2, 3].map((unit) => line.add(item("more", unit, "read"))),
      [true, true, false],
    );
    assert.equal(line.waiting, 2);
  });

  it("has room for a write, however many reads wait", () => {
    const line = queue(1, {}, 2);
    sent(line, item("a", 1, "read"));
    for (const name of ["b", "c", "d"]) line.add(item(name, 1, "read"));
    assert.ok(line.add(item("safe", 2, "write")));
    assert.equal(line.waiting, 3);
  });

  it("takes out what is late, and everything", () => {
    const line = queue(1);
    sent(line, item("a", 1, "read"));
    line.add(item("b", 1, "read", { sendBy: instant(5) }));
    line.add(item("c", 1, "write", { sendBy: instant(9) }));
    line.add(item("d", 1, "slack"));
    assert.equal(line.earliestSendBy(), 5);
    assert.deepEqual(
      line.takeLate(instant(5)).map(({ name }) => name),
      ["b"],
    );
    assert.equal(line.earliestSendBy(), 9);
    assert.deepEqual(
      line.drain().map(({ name }) => name),
      ["c", "d"],
    );
    assert.deepEqual([line.waiting, line.earliestSendBy()], [0, undefined]);
  });

  it("keeps windows and barriers in any order of asking and settling, and sends everything in the end", () => {
    const asked = fc.record({
      unit: fc.integer({ min: 1, max: 3 }),
      lane: fc.constantFrom<Lane>("write", "read", "slack"),
    });
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 40 }), fc.infiniteStream(fc.nat(100)), (all, choices) => {
        const line = queue(4, { 1: 1, 2: 2, 3: 3 });
        const flying: Item[] = [];
        const waiting = all.map(({ unit, lane }, index) => item(String(index), unit, lane));
        let count = 0;
        while (waiting.length > 0 || line.waiting > 0 || flying.length > 0) {
          const added = waiting.shift();
          if (added) line.add(added);
          for (let next = line.next(); next; next = line.next()) {
            flying.push(next);
            count++;
            assertWithin(flying);
          }
          const [settled] = flying.splice((choices.next().value ?? 0) % Math.max(1, flying.length), 1);
          if (settled) line.release(settled.transaction);
        }
        assert.equal(count, all.length);
      }),
    );
  });
});

function transactionAt(items: readonly Item[], at: number): Transaction {
  return items[at]?.transaction ?? assert.fail();
}

function assertWithin(flying: readonly Item[]): void {
  assert.ok(flying.length <= 4);
  for (const unit of [1, 2, 3]) {
    const lanes = flying
      .filter(({ transaction }) => transaction.unit === unit)
      .map(({ transaction }) => transaction.lane);
    assert.ok(lanes.length <= unit);
    if (lanes.includes("write")) assert.equal(lanes.length, 1);
  }
}
