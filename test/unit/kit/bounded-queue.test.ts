import assert from "node:assert/strict";
import fc from "fast-check";
import { BoundedQueue } from "../../../src/kit/bounded-queue.ts";
import { InvariantError } from "../../../src/kit/invariant.ts";

describe("bounded queue", () => {
  it("gives items back in the order they came", () => {
    const queue = filled(4, "refuse", [1, 2, 3]);
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.shift()], [1, 2, 3, undefined]);
  });

  it("refuses what is too much, and counts it", () => {
    const queue = filled(2, "refuse", [1, 2]);
    assert.equal(queue.push(3), false);
    assert.deepEqual([queue.drain(), queue.dropped], [[1, 2], 1]);
  });

  it("drops the oldest where that is the policy, and counts it", () => {
    const queue = filled(2, "dropOldest", [1, 2]);
    assert.equal(queue.push(3), true);
    assert.deepEqual([queue.drain(), queue.dropped], [[2, 3], 1]);
  });

  it("is empty after draining and takes items again", () => {
    const queue = filled(2, "refuse", [1, 2]);
    queue.drain();
    assert.deepEqual([queue.size, queue.push(3), queue.shift()], [0, true, 3]);
  });

  it("cannot be made to hold nothing", () => {
    assert.throws(() => filled(0, "dropOldest", []), InvariantError);
  });

  it("behaves as a plain array would, whatever is done in whatever order", () => {
    const step = fc.oneof(fc.constant("shift" as const), fc.constant("drain" as const), fc.nat());
    const policy = fc.constantFrom("refuse" as const, "dropOldest" as const);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        policy,
        fc.array(step, { maxLength: 200 }),
        (limit, whenFull, steps) => {
          const queue = new BoundedQueue<number>({ limit, whenFull });
          const model: number[] = [];
          for (const step of steps) {
            if (step === "shift") assert.equal(queue.shift(), model.shift());
            else if (step === "drain") assert.deepEqual(queue.drain(), model.splice(0));
            else {
              const full = model.length === limit;
              assert.equal(queue.push(step), !full || whenFull === "dropOldest");
              if (full && whenFull === "dropOldest") model.shift();
              if (!full || whenFull === "dropOldest") model.push(step);
            }
            assert.equal(queue.size, model.length);
          }
        },
      ),
    );
  });
});

function filled(limit: number, whenFull: "refuse" | "dropOldest", items: number[]): BoundedQueue<number> {
  const queue = new BoundedQueue<number>({ limit, whenFull });
  for (const item of items) queue.push(item);
  return queue;
}
