import assert from "node:assert/strict";
import fc from "fast-check";
import { ShelfIndex } from "../../../src/store/shelf-index.ts";

const change = fc.tuple(
  fc.constantFrom("a", "b", "c", "d", "e", "f"),
  fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
);
const batches = fc.array(fc.uniqueArray(change, { selector: ([key]) => key, minLength: 1, maxLength: 3 }), {
  maxLength: 40,
});

describe("what lies on a shelf", () => {
  for (const whenFull of ["refuse", "dropOldest"] as const) {
    it(`never exceeds its bounds, and is exactly what was noted (${whenFull})`, () => {
      fc.assert(
        fc.property(batches, (given) => {
          const index = new ShelfIndex({ entries: 4, bytes: 100, whenFull });
          const held = new Map<string, number>();
          for (const changes of given.map((batch) => new Map(batch))) {
            if (!index.hasRoom(changes)) continue;
            const dropped = index.apply(changes);
            for (const [key, size] of changes) {
              held.delete(key);
              if (size !== undefined) held.set(key, size);
            }
            for (const key of dropped) {
              assert.equal([...held.keys()][0], key, "the oldest goes first");
              held.delete(key);
            }
            assert.equal(index.entries, held.size);
            assert.equal(
              index.bytes,
              [...held.values()].reduce((sum, size) => sum + size, 0),
            );
            assert.ok(index.entries <= 4 && index.bytes <= 100);
            if (whenFull === "refuse") assert.deepEqual(dropped, []);
          }
        }),
      );
    });
  }

  it("takes a change of what is there when it is full, and nothing new", () => {
    const index = new ShelfIndex({ entries: 2, bytes: 100, whenFull: "refuse" });
    index.apply(
      new Map([
        ["a", 10],
        ["b", 10],
      ]),
    );
    assert.equal(index.hasRoom(new Map([["c", 1]])), false);
    assert.equal(index.hasRoom(new Map([["a", 20]])), true);
    assert.equal(
      index.hasRoom(
        new Map<string, number | undefined>([
          ["a", undefined],
          ["c", 10],
        ]),
      ),
      true,
    );
    assert.equal(index.hasRoom(new Map([["a", 200]])), false);
  });
});
