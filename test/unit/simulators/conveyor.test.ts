import assert from "node:assert/strict";
import { type SimulatedCell, simulatedCell } from "../../support/slaves/simulated-cell.ts";

describe("a simulated conveyor", () => {
  let cell: SimulatedCell;
  let beat = 0;

  beforeEach(() => {
    cell = simulatedCell(["infeed"]);
  });

  const get = (tag: string) => cell.get("infeed", tag);
  const write = (tag: string, value: boolean | number) => cell.write("infeed", { [tag]: value });
  const runWithMaster = (seconds: number): void => {
    for (let passed = 0; passed < seconds; passed += 0.5) {
      write("masterAlive", (beat = (beat + 1) & 0xffff));
      cell.run(0.5);
    }
  };

  it("is found running and carries boxes past both eyes", () => {
    cell.until("a box at the entry", 1, () => get("entryEye") === true);
    assert.equal(get("running"), true);
    const seconds = cell.until("a box at the exit", 10, () => get("exitEye") === true);
    assert.ok(seconds > 3.5 && seconds < 5, `1.6 m at 0.4 m/s took ${seconds} s`);
    cell.until("a box beyond the end", 5, () => get("boxesOut") === 1);
    assert.equal(cell.world.delivered, 1);
  });

  it("speeds up and slows down at 1 m/s²", () => {
    cell.run(1);
    assert.equal(get("state"), "running");
    write("speedSetpoint", 1.2);
    cell.run(0.4);
    assert.equal(get("state"), "starting");
    assert.ok(Math.abs(Number(get("speed")) - 0.8) < 0.02, `${String(get("speed"))} m/s`);
    cell.run(1);
    assert.equal(get("speed"), 1.2);
    write("run", false);
    cell.run(0.5);
    assert.equal(get("state"), "stopping");
    cell.run(1);
    assert.deepEqual([get("state"), get("speed"), get("running")], ["stopped", 0, false]);
  });

  it("runs at 2 m/s at most, whatever is asked for", () => {
    write("speedSetpoint", 60);
    cell.run(3);
    assert.equal(get("speed"), 2);
  });

  it("counts the way it went", () => {
    cell.run(1);
    const before = Number(get("travelled"));
    cell.run(2);
    assert.ok(Math.abs(Number(get("travelled")) - before - 800) <= 1);
  });

  it("stands while a box is at the exit eye, when told to hold", () => {
    write("holdAtExit", true);
    cell.until("holding", 10, () => get("state") === "holding");
    cell.run(10);
    assert.deepEqual([get("exitEye"), get("running"), get("boxesOut"), get("fault")], [true, false, 0, false]);
    write("holdAtExit", false);
    cell.until("the box to leave", 5, () => get("boxesOut") === 1);
  });

  it("jogs for half a second and takes the bit back", () => {
    write("run", false);
    cell.run(2);
    write("jog", true);
    assert.equal(get("jog"), false);
    cell.run(0.3);
    assert.equal(get("speed"), 0.1);
    cell.run(0.5);
    assert.equal(get("speed"), 0);
  });

  it("faults on a jam and runs again after the reset", () => {
    cell.run(2);
    cell.world.belts[0]?.jam();
    cell.until("the jam to be seen", 5, () => get("jam") === true);
    cell.run(1);
    assert.deepEqual([get("state"), get("faultCode"), get("fault"), get("running")], ["fault", "jam", true, false]);
    write("resetFault", true);
    cell.run(1);
    assert.deepEqual([get("faultCode"), get("state"), get("resetFault")], ["none", "running", false]);
  });

  it("tips boxes over when it runs faster than 1.5 m/s", () => {
    write("speedSetpoint", 1.9);
    cell.until("a jam", 300, () => get("jam") === true);
  });

  it("never jams at the speed at which it is found", () => {
    cell.run(120);
    assert.equal(get("fault"), false);
  });

  it("warms up as it runs", () => {
    const cold = Number(get("motorTemp"));
    cell.run(120);
    assert.ok(Number(get("motorTemp")) > cold + 5);
  });

  it("stops and drops run when the master's heartbeat stops", () => {
    runWithMaster(3);
    assert.equal(get("watchdogTripped"), false);
    cell.run(1.4);
    assert.equal(get("state"), "running", "2 s have not passed yet");
    cell.run(1.5);
    assert.deepEqual(
      [get("watchdogTripped"), get("state"), get("run"), get("running")],
      [true, "watchdog", false, false],
    );
    runWithMaster(2);
    assert.deepEqual([get("watchdogTripped"), get("state")], [false, "stopped"], "and nothing starts by itself");
  });

  it("does not watch before a master has come, nor with a timeout of 0", () => {
    cell.run(10);
    assert.equal(get("watchdogTripped"), false);
    write("watchdogTimeout", 0);
    runWithMaster(1);
    cell.run(10);
    assert.equal(get("watchdogTripped"), false);
  });

  it("does the same again with the same seed", () => {
    const trace = (seed: number): unknown => {
      const other = simulatedCell(["infeed", "outfeed", "picker1", "picker2"], seed);
      return Array.from({ length: 20 }, () => {
        other.run(1);
        return [other.get("infeed", "travelled"), other.get("infeed", "boxesIn"), other.get("picker1", "position")];
      });
    };
    assert.deepEqual(trace(7), trace(7));
    assert.notDeepEqual(trace(7), trace(8));
  });
});
