import assert from "node:assert/strict";
import { LineCounters } from "../../../src/bus/line/line-counters.ts";
import { instant, ms } from "../../../src/kit/time.ts";

function asked(counters: LineCounters, unit: number, roundTrip: number): void {
  counters.requested(unit);
  counters.answered(unit, ms(roundTrip));
}

describe("the counters of a line", () => {
  it("count for ever, and give the round trips since they were last taken", () => {
    const counters = new LineCounters("cell", instant(0), [1, 2]);
    asked(counters, 1, 10);
    asked(counters, 2, 30);
    const first = counters.statistics(instant(1000));
    assert.deepEqual([first.answers, first.roundTrip.count, first.roundTrip.max], [2, 2, 30]);
    asked(counters, 1, 20);
    const { answers, roundTrip, units } = counters.statistics(instant(2000));
    assert.deepEqual([answers, roundTrip.count, roundTrip.max], [3, 1, 20]);
    assert.deepEqual([units.get(1)?.answers, units.get(1)?.roundTrip.count], [2, 1]);
    assert.deepEqual([units.get(2)?.answers, units.get(2)?.roundTrip.count], [1, 0]);
  });

  it("keep the turnarounds of each unit since the line was made, where there are any", () => {
    const counters = new LineCounters("wire", instant(0), [1, 2]);
    for (const turnaround of [4, 12]) {
      counters.answered(1, ms(40), ms(turnaround));
      counters.answered(2, ms(40));
      counters.statistics(instant(1000));
    }
    const { turnaround, units } = counters.statistics(instant(2000));
    assert.deepEqual([units.get(1)?.turnaround?.count, units.get(1)?.turnaround?.max], [2, 12]);
    assert.deepEqual([turnaround, units.get(2)?.turnaround], [undefined, undefined]);
  });

  it("count units that are none of the plant's for the line only", () => {
    const counters = new LineCounters("cell", instant(0), [1]);
    for (let unit = 1; unit <= 247; unit++) {
      asked(counters, unit, 5);
      counters.failed(unit, { kind: "timeout", after: ms(5) });
    }
    const { answers, failures, units } = counters.statistics(instant(1000));
    assert.deepEqual([answers, failures.timeout, [...units.keys()]], [247, 247, [1]]);
  });
});
