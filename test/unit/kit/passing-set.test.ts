import assert from "node:assert/strict";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PassingSet } from "../../../src/kit/passing-set.ts";

describe("a set of what passes", () => {
  it("has what was added and not deleted, once each, in the order of insertion, also after it ran empty", () => {
    const set = new PassingSet<number>();
    for (const each of [3, 1, 2, 1]) set.add(each);
    assert.equal(set.delete(1), true);
    assert.equal(set.delete(1), false);
    assert.deepEqual([...set], [3, 2]);
    assert.equal(set.delete(3), true);
    assert.equal(set.delete(2), true);
    assert.equal(set.size, 0);
    set.add(7);
    assert.deepEqual([...set], [7]);
    set.clear();
    assert.equal(set.size, 0);
  });

  it("may lose its last element while it is gone through", () => {
    const set = new PassingSet<number>();
    for (const each of [1, 2, 3]) set.add(each);
    for (const each of set) set.delete(each);
    assert.deepEqual([...set], []);
  });

  it("leaves little old garbage behind of 100 MB that pass through", () => {
    const set = new PassingSet<object>();
    set.add({});
    collect(); // what is there now is old
    const before = oldBytes();
    let most = 0;
    for (let round = 0; round < 10_000; round++) {
      const batch = Array.from({ length: 32 }, () => ({ data: new Array<number>(40).fill(round + 0.5) }));
      for (const each of batch) set.add(each);
      for (const each of set) set.delete(each);
      if (round % 100 === 0) most = Math.max(most, oldBytes() - before);
    }
    assert.ok(most < 20e6, `${(most / 1e6).toFixed(1)} MB`);
  });
});

function collect(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === "old_space")?.space_used_size ?? NaN;
}
