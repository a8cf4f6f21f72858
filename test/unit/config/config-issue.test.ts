import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { type ConfigIssue, formatIssues } from "../../../src/config/source/config-issue.ts";

const at = (line: number, column: number, message: string, file = "plant.yaml"): ConfigIssue => ({
  file,
  line,
  column,
  message,
});

describe("the issues that people read", () => {
  it("are sorted by file and place, told once, counted, and end with what was not done", () => {
    const issues = [
      at(24, 15, "device meter: unit 300 is outside 0..255"),
      { ...at(18, 21, 'device infeed: unknown profile "takt/conveyer"'), hint: 'did you mean "takt/conveyor"?' },
      at(2, 1, "tag x: later file", "z.yaml"),
      at(18, 3, "device infeed: earlier column"),
      at(24, 15, "device meter: unit 300 is outside 0..255"),
    ];
    assert.equal(
      formatIssues(issues),
      `plant.yaml:18:3  device infeed: earlier column
plant.yaml:18:21  device infeed: unknown profile "takt/conveyer"; did you mean "takt/conveyor"?
plant.yaml:24:15  device meter: unit 300 is outside 0..255
z.yaml:2:1  tag x: later file
4 problems. Nothing was started.`,
    );
  });

  it("are one problem where there is one", () => {
    assert.equal(formatIssues([at(1, 1, "x")]), "plant.yaml:1:1  x\n1 problem. Nothing was started.");
  });

  it("say what was not done in the words of the command", () => {
    assert.match(formatIssues([at(1, 1, "x")], "Nothing was written."), /1 problem\. Nothing was written\.$/);
  });

  it("put a long hint on a line of its own", () => {
    const hint = `did you mean "${"x".repeat(100)}"?`;
    assert.equal(formatIssues([{ ...at(1, 1, "y"), hint }]).split("\n")[1], `  ${hint}`);
  });

  it("name a folder above the working directory by its path", () => {
    const above = resolve("..");
    assert.match(formatIssues([at(1, 1, "x", above)]), new RegExp(`^${above}:1:1  x`));
  });

  it("name a file as seen from the working directory, and no place where there is none", () => {
    const [first, second] = formatIssues([
      at(1, 1, "x", resolve(join("config", "plant.yaml"))),
      at(0, 0, "y", "environment"),
    ]).split("\n");
    assert.deepEqual([first, second], ["config/plant.yaml:1:1  x", "environment  y"]);
  });
});
