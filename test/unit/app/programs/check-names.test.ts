import assert from "node:assert/strict";
import { checkNames } from "../../../../src/app/programs/check-names.ts";
import { pickersPlant } from "../../../support/jobs/job-simulation.ts";

describe("what a program orders from pools", () => {
  const plant = pickersPlant();
  const issues = (text: string): readonly string[] =>
    checkNames("sorting", [{ file: "sorting.ts", text }], { plant, writers: new Map() }).map(
      ({ file, line, column, message, hint = "" }) => `${file}:${line}:${column} ${message} ${hint.split(" (")[0]}`,
    );

  it("is a job of a pool of the plant", () => {
    assert.deepEqual(issues(`pools.pickers.submit("carry"); pools.pickers.job(id); pools.pickers.submit(name)`), []);
  });

  it("is told with its place where the plant has no such pool, or its devices no such job", () => {
    assert.deepEqual(issues(`pools.picker.submit("carry");\n  pools["pickers"].submit("cary", {});`), [
      `sorting.ts:1:1 unknown pool "picker" did you mean "pickers"?`,
      `sorting.ts:2:3 unknown job "cary" of pool pickers did you mean "carry"?`,
    ]);
  });
});
