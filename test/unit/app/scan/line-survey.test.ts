import assert from "node:assert/strict";
import { LineSurvey } from "../../../../src/app/scan/line-survey.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";
import { FakeLine } from "../../../support/scan/fake-line.ts";

function survey(names: readonly string[]): LineSurvey {
  const clock = new VirtualClock();
  return new LineSurvey(names.map((name) => new FakeLine(name, clock, { line: 1, unit: 1 })));
}

describe("a survey of the lines", () => {
  it("takes one line a step and gives all with the last", () => {
    const lines = survey(["a", "b", "c"]);
    assert.equal(lines.step(), undefined);
    lines.begin();
    assert.deepEqual([lines.step(), lines.step()], [undefined, undefined]);
    assert.deepEqual(
      lines.step()?.map(({ line }) => line),
      ["a", "b", "c"],
    );
    assert.equal(lines.step(), undefined);
  });

  it("is not begun anew before its end", () => {
    const lines = survey(["a", "b"]);
    lines.begin();
    lines.step();
    lines.begin();
    assert.equal(lines.step()?.length, 2);
  });

  it("of no lines ends with its first step", () => {
    const lines = survey([]);
    lines.begin();
    assert.deepEqual(lines.step(), []);
  });
});
