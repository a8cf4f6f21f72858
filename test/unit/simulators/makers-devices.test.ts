import assert from "node:assert/strict";
import { type SimulatedCell, simulatedCell } from "../../support/simulated-cell.ts";

describe("a simulated ConveyLinx module", () => {
  let cell: SimulatedCell;
  beforeEach(() => {
    cell = simulatedCell(["rollers"]);
  });
  const get = (tag: string) => cell.get("rollers", tag);

  it("passes cartons through both zones and counts them", () => {
    const seen = new Set<unknown>();
    for (let second = 0; second < 60; second += 0.1) {
      cell.run(0.1);
      seen.add(get("upstream"));
    }
    assert.deepEqual([...seen].sort(), ["accepting", "discharging", "stopped"]);
    assert.ok(Number(get("downstreamDepartures")) >= 8);
    assert.ok(Number(get("upstreamArrivals")) >= Number(get("downstreamDepartures")));
  });

  it("accumulates, and releases one carton for a changed value", () => {
    cell.write("rollers", { downstreamAccumulate: true });
    cell.run(30);
    assert.deepEqual([get("downstream"), get("upstream"), get("downstreamDepartures")], ["blocked", "blocked", 0]);
    cell.write("rollers", { downstreamRelease: 1 });
    cell.run(10);
    assert.equal(get("downstreamDepartures"), 1);
    cell.write("rollers", { downstreamRelease: 1 });
    cell.run(10);
    assert.equal(get("downstreamDepartures"), 1, "the same value again is no command");
  });
});

describe("a simulated Universal Robots controller", () => {
  let cell: SimulatedCell;
  beforeEach(() => {
    cell = simulatedCell(["cobot"]);
  });
  const numbers = (tag: string): readonly number[] => [cell.get("cobot", tag)].flat().map(Number);

  it("moves its joints and its tool as fast as it says", () => {
    cell.run(0.37);
    for (const [position, speed] of [
      ["jointAngles", "jointVelocities"],
      ["toolPosition", "toolSpeed"],
    ] as const) {
      const before = numbers(position);
      const rates = numbers(speed);
      cell.run(0.1);
      numbers(position).forEach((value, index) => {
        const expected = ((rates[index] ?? 0) + (numbers(speed)[index] ?? 0)) / 20;
        const tolerance = position === "toolPosition" ? 1 : 0.005;
        assert.ok(Math.abs(value - (before[index] ?? 0) - expected) < tolerance, `${position}[${index}]`);
      });
    }
  });

  it("sets and clears outputs by mask", () => {
    cell.write("cobot", { setOutputs: 0b10_0000_0101 });
    const outputs = ["digitalOutput0", "digitalOutput1", "digitalOutput2", "toolOutput1"];
    assert.deepEqual(
      outputs.map((tag) => cell.get("cobot", tag)),
      [true, false, true, true],
    );
    cell.write("cobot", { clearOutputs: 0b100 });
    assert.deepEqual(
      outputs.map((tag) => cell.get("cobot", tag)),
      [true, false, false, true],
    );
  });

  it("keeps what is written to its general purpose registers", () => {
    const values = Array.from({ length: 32 }, (_, index) => index * 1000);
    cell.write("cobot", { general160: values });
    cell.run(1);
    assert.deepEqual(cell.get("cobot", "general160"), values);
  });
});
