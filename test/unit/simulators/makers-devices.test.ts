import assert from "node:assert/strict";
import { type SimulatedCell, simulatedCell } from "../../support/slaves/simulated-cell.ts";

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

describe("a simulated VLT drive", () => {
  let cell: SimulatedCell;
  beforeEach(() => {
    cell = simulatedCell(["fan", "meter"]);
  });
  const get = (tag: string) => cell.get("fan", tag);
  const speed = (): number => Number(get("actual"));

  it("ramps to its reference in its time and says when it is there", () => {
    cell.run(1);
    assert.ok(Math.abs(speed() - 20) < 0.5, `${speed()} % after 1 s`);
    assert.deepEqual([get("running"), get("atReference")], [true, false]);
    cell.run(3);
    assert.ok(Math.abs(speed() - 60) < 0.01);
    assert.equal(get("atReference"), true);
    cell.write("fan", { reference: -25 });
    cell.run(5);
    assert.ok(Math.abs(speed() + 25) < 0.01);
  });

  it("stops along its ramp, quickly, or when it pleases", () => {
    for (const [command, seconds] of [
      ["stop", 3],
      ["quickStop", 0.6],
      ["coast", 12],
    ] as const) {
      cell.write("fan", { command: "run", reference: 60 });
      cell.run(15);
      cell.write("fan", { command });
      const took = cell.until("the shaft stands", 30, () => speed() === 0);
      assert.ok(Math.abs(took - seconds) < 0.1, `${command} took ${took} s`);
      assert.deepEqual([get("running"), get("enabled")], [false, command !== "coast"]);
    }
  });

  it("turns the other way for the reverse bit, and heeds no control word without data valid", () => {
    cell.write("fan", { command: "runReverse" });
    cell.run(10);
    assert.ok(Math.abs(speed() + 60) < 0.01);
    cell.write("fan", { command: "none" });
    cell.run(10);
    assert.ok(Math.abs(speed() + 60) < 0.01);
  });

  it("is what the meter measures, and what its energy counts", () => {
    const meter = (tag: string): number => Number(cell.get("meter", tag));
    cell.run(10);
    const power = meter("totalPower");
    assert.ok(Math.abs(power - (320 + 25 + 4000 * 0.6 ** 3)) < 2, `${power} W`);
    const phases = [1, 2, 3].map((phase) => meter(`powerL${phase}`));
    assert.ok(Math.abs(phases.reduce((sum, watts) => sum + watts, 0) - power) < 0.1);
    const apparent = [1, 2, 3].reduce((sum, n) => sum + meter(`voltageL${n}`) * meter(`currentL${n}`), 0);
    assert.ok(Math.abs(apparent * meter("powerFactor") - power) < 1);
    const before = meter("importEnergy");
    cell.run(600);
    assert.ok(Math.abs(meter("importEnergy") - before - power / 6000) < 0.001);
    cell.write("fan", { command: "stop" });
    cell.run(10);
    assert.ok(Math.abs(meter("totalPower") - 345) < 1);
  });
});
