import assert from "node:assert/strict";
import type { Failure } from "../../../src/modbus/failure.ts";
import {
  type Heard,
  heardOf,
  type LineDiagnosis,
  newDiagnosis,
  nextDiagnosis,
} from "../../../src/scan/lines/line-diagnosis.ts";
import { ms } from "../../../src/kit/time.ts";

const LETTERS: Readonly<Record<string, Heard>> = { i: "intact", s: "silence", d: "damaged", t: "doubled" };

/** `1i 2d`: unit 1 answered, an answer of unit 2 was damaged; `*3`: so often. */
function after(units: readonly number[], text: string): LineDiagnosis {
  return text.split(" ").reduce((diagnosis, word) => {
    const [, unit = "", letter = "", times = "1"] = /^(\d+)([isdt])(?:\*(\d+))?$/.exec(word) ?? [];
    const heard = LETTERS[letter];
    assert.ok(heard, word);
    return Array.from({ length: Number(times) }).reduce<LineDiagnosis>(
      (now) => nextDiagnosis(now, Number(unit), heard),
      diagnosis,
    );
  }, newDiagnosis(units));
}

describe("the diagnosis of a line", () => {
  const rows: readonly (readonly [string, readonly number[], string, LineDiagnosis["finding"]])[] = [
    ["nothing after a few damaged answers", [1, 2], "1d 2d 1d 2d", undefined],
    ["garbled when all units answer and nothing is a frame", [1, 2], "1d*3 2d*3", "garbled"],
    ["garbled when some keep silent besides", [1, 2], "1s*3 2d*5", "garbled"],
    ["garbled with a single unit, too", [1], "1d*5", "garbled"],
    ["nothing while one unit is understood", [1, 2], "1d*9 2i 2d 2d", undefined],
    ["nothing before every unit was asked", [1, 2, 3], "1d*9 2d*9", undefined],
    ["silent when no unit answers", [1, 2], "1s*3 2s*3", "silent"],
    ["nothing when the only unit does not answer any more: that is its own affair", [1], "1i 1s*10", undefined],
    ["nothing before the only unit was asked often enough", [1], "1s*4", undefined],
    ["silent when the only unit was never understood", [1], "1s*5", "silent"],
    ["garbled when the only unit, never understood, sends what is no frame", [1], "1s*2 1d*5", "garbled"],
    ["not well again by silence alone", [1, 2], "1d*5 2d*5 1s*9 2s*9", "silent"],
    ["nothing when one of two does not", [1, 2], "1s*10 2i*3", undefined],
    ["well again with a doubled answer", [1, 2], "1d*5 2d*5 1t", undefined],
    ["well again with the first intact answer", [1, 2], "1d*5 2d*5 1i", undefined],
    ["garbled again after intact answers long ago", [1, 2], "1i*9 2i*9 1d*5 2d*5", "garbled"],
  ];
  for (const [name, units, text, finding] of rows) {
    it(`is ${name}`, () => assert.equal(after(units, text).finding, finding));
  }
});

describe("a unit", () => {
  const rows: readonly (readonly [string, string, readonly number[]])[] = [
    ["is suspected to be there twice when its answers alone are damaged", "1i*6 2i*6 3d*5", [3]],
    ["is suspected when some of its answers survive", "1i*6 2i*6 3d*3 3i*2 3d*2", [3]],
    ["is suspected when its answers come twice", "1i*6 2i*6 3i 3t 3i 3t 3i 3t 3i 3t 3i 3t", [3]],
    ["is suspected when some come twice and some damaged", "1i*6 2i*6 3i 3t 3d*2 3i 3t 3d", [3]],
    ["is not suspected when the answers of others come twice, too", "1i*6 2i*6 2t 3t*9", []],
    ["is not cleared while an answer comes twice", "1i*6 2i*6 3d*5 3i*9 3t", [3]],
    ["is not suspected for a few damaged answers", "1i*6 2i*6 3d*4 3i*6", []],
    ["is not suspected while the answers of others are damaged, too", "1i*6 2i*5 2d 3d*9", []],
    ["is not suspected where few others prove the wire to be well", "1i*4 2i*4 3d*9", []],
    ["stays suspected while any of its last answers was damaged", "1i*6 2i*6 3d*5 3i*9", [3]],
    ["is cleared by ten in a row that are not", "1i*6 2i*6 3d*5 3i*10", []],
    ["is not cleared by silence", "1i*6 2i*6 3d*5 3s*10", [3]],
  ];
  for (const [name, text, suspected] of rows) {
    it(name, () => assert.deepEqual([...after([1, 2, 3], text).suspected], suspected));
  }
});

describe("a failure", () => {
  const rows: readonly (readonly [Failure, Heard | undefined])[] = [
    [{ kind: "timeout", after: ms(1) }, "silence"],
    [{ kind: "damaged", reason: "" }, "damaged"],
    [{ kind: "mismatch", reason: "" }, "intact"],
    [{ kind: "exception", code: 2 }, "intact"],
    [{ kind: "notSent", reason: "line down" }, undefined],
    [{ kind: "lineLost", reason: "" }, undefined],
  ];
  for (const [failure, heard] of rows) {
    it(`${failure.kind} tells ${heard ?? "nothing"} of the wire`, () => assert.equal(heardOf(failure), heard));
  }
});
