import assert from "node:assert/strict";
import { WireIds } from "../../../src/bus/tcp/wire-ids.ts";

const free = (): boolean => false;

describe("the transaction ids of a connection", () => {
  it("are all different until all 65,536 were used", () => {
    const ids = new WireIds<string>();
    const issued = new Set(Array.from({ length: 65_536 }, () => ids.issue(free)));
    assert.equal(issued.size, 65_536);
    assert.equal(Math.max(...[...issued].slice(-1)), 65_535);
    assert.equal(ids.issue(free), 0);
  });

  it("leave out what is in use and what was retired, until its answer came", () => {
    const ids = new WireIds<string>();
    for (let count = 0; count < 65_536; count++) ids.issue(free);
    ids.retire(1, "asked");
    assert.deepEqual([ids.issue((id) => id === 0), ids.issue(free)], [2, 3]);
    ids.answered(1);
    for (let count = 0; count < 65_532; count++) ids.issue(free);
    assert.deepEqual([ids.issue(free), ids.issue(free)], [0, 1]);
  });

  it("know which were never issued", () => {
    const ids = new WireIds<string>();
    assert.equal(ids.wasIssued(0), false);
    ids.issue(free);
    assert.deepEqual([ids.wasIssued(0), ids.wasIssued(1), ids.wasIssued(65_535)], [true, false, false]);
  });

  it("let go of the oldest retired one when thousands of others were retired after it", () => {
    const ids = new WireIds<string>();
    for (let count = 0; count < 65_536; count++) ids.issue(free);
    for (let id = 0; id <= 8192; id++) ids.retire(id, "asked");
    assert.deepEqual([ids.issue(free), ids.issue(free)], [0, 8193]);
  });
});
