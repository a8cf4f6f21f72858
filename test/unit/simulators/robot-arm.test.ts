import assert from "node:assert/strict";
import { type SimulatedCell, simulatedCell } from "../../support/slaves/simulated-cell.ts";

const NO_PARAMETERS = [0, 0, 0, 0];

const AWAY = { target: [500, 200, 300], moveToTarget: true };

describe("a simulated arm", () => {
  let cell: SimulatedCell;

  const get = (tag: string) => cell.get("picker1", tag);
  const write = (values: Readonly<Record<string, boolean | number>>) => cell.write("picker1", values);
  const mail = (sequence: number, command: string, { epoch = 1, parameters = NO_PARAMETERS, end = sequence } = {}) =>
    cell.writeAtOnce("picker1", {
      jobSequence: sequence,
      jobEpoch: epoch,
      jobCommand: command,
      jobParameters: parameters,
      jobSequenceEnd: end,
    });
  const done = (sequence: number, seconds = 20): void => {
    cell.until(`job ${sequence} done`, seconds, () => get("doneSequence") === sequence);
  };

  describe("on its own program", () => {
    beforeEach(() => {
      cell = simulatedCell(["infeed", "outfeed", "picker1", "picker2"]);
    });

    it("carries boxes from the infeed to the outfeed, and none gets lost", () => {
      cell.run(120);
      const carried = Number(get("places")) + Number(cell.get("picker2", "places"));
      assert.ok(carried > 20, `${carried} carried`);
      assert.equal(cell.get("outfeed", "boxesIn"), carried);
      const held = [get("holding"), cell.get("picker2", "holding")].filter(Boolean).length;
      const onBelts = Number(cell.get("infeed", "boxes")) + Number(cell.get("outfeed", "boxes"));
      assert.equal(cell.get("infeed", "boxesIn"), onBelts + held + cell.world.delivered);
    });

    it("shares the work between the arms", () => {
      cell.run(120);
      assert.ok(Number(get("picks")) > 3 && Number(cell.get("picker2", "picks")) > 3);
    });

    it("finishes its part when auto is switched off, and then waits", () => {
      cell.until("holding", 20, () => get("holding") === true);
      write({ auto: false });
      cell.until("idle", 10, () => get("ready") === true);
      assert.equal(get("holding"), false);
      const picks = get("picks");
      cell.run(20);
      assert.equal(get("picks"), picks);
    });

    it("stands after a stop until auto was off and on", () => {
      cell.until("picking", 20, () => get("state") === "picking");
      write({ stop: true });
      cell.run(20);
      assert.equal(get("state"), "idle");
      write({ auto: false });
      cell.run(0.1);
      write({ auto: true });
      cell.until("picking again", 20, () => get("state") === "picking");
    });

    it("leaves the pick zone to the other arm when it stops in it", () => {
      cell.until("picking", 20, () => get("state") === "picking");
      write({ stop: true });
      cell.until("the other to pick", 20, () => Number(cell.get("picker2", "picks")) > 0);
    });

    it("waits with a part in the gripper while there is no room for it", () => {
      cell.write("outfeed", { run: false });
      cell.run(40);
      assert.equal(get("holding"), true);
      cell.write("outfeed", { run: true });
      cell.until("placed", 20, () => cell.get("outfeed", "boxesOut") === 2);
    });
  });

  describe("with jobs", () => {
    beforeEach(() => {
      cell = simulatedCell(["infeed", "outfeed", "picker1"]);
      write({ auto: false });
      cell.run(1);
    });

    it("picks and places, and says so", () => {
      cell.until("a part", 20, () => get("partAtPick") === true);
      mail(1, "pick");
      assert.equal(get("acceptedSequence"), 1);
      cell.run(0.5);
      assert.deepEqual([get("state"), get("busy"), get("ready"), get("doneSequence")], ["picking", true, false, 0]);
      done(1);
      assert.deepEqual([get("result"), get("holding"), get("picks")], ["done", true, 1]);
      mail(2, "place");
      done(2);
      assert.deepEqual([get("result"), get("holding"), cell.get("outfeed", "boxes")], ["done", false, 1]);
    });

    it("takes time to move there, with joints that follow", () => {
      mail(1, "move", { parameters: [500, -200, 300, 0] });
      const joints = get("joints");
      const seconds = cell.until("there", 5, () => get("doneSequence") === 1);
      assert.ok(seconds > 0.3, `${seconds} s`);
      assert.deepEqual(get("position"), [500, -200, 300]);
      assert.notDeepEqual(get("joints"), joints);
    });

    it("moves half as fast with half the override", () => {
      const parameters = [320, 0, 900, 0];
      mail(1, "move", { parameters });
      const fast = cell.until("there", 9, () => get("doneSequence") === 1);
      mail(2, "home");
      done(2);
      write({ speedOverride: 30 });
      mail(3, "move", { parameters });
      assert.ok(cell.until("there", 9, () => get("doneSequence") === 3) > fast * 1.5);
    });

    it("does not pick with a part in its gripper", () => {
      cell.until("a part", 20, () => get("partAtPick") === true);
      mail(1, "pick");
      done(1);
      mail(2, "pick");
      done(2);
      assert.deepEqual([get("result"), get("picks"), get("holding")], ["blocked", 1, true]);
    });

    it("creeps, but moves, with an override of 0", () => {
      write({ speedOverride: 0 });
      mail(1, "move", { parameters: [320, 0, 490, 0] });
      done(1);
    });

    it("ignores a torn write", () => {
      mail(1, "pick", { end: 0 });
      cell.run(1);
      assert.deepEqual([get("acceptedSequence"), get("state")], [0, "idle"]);
    });

    it("executes a repeated sequence once", () => {
      cell.until("a part", 20, () => get("partAtPick") === true);
      mail(1, "pick");
      done(1);
      mail(1, "pick");
      cell.run(10);
      assert.deepEqual([get("picks"), get("state"), get("acceptedSequence")], [1, "idle", 1]);
    });

    it("also accepts a mailbox that was filled tag by tag, once its end is written", () => {
      write({ jobEpoch: 1, jobSequence: 1 });
      cell.write("picker1", { jobCommand: "home" });
      assert.equal(get("acceptedSequence"), 0);
      write({ jobSequenceEnd: 1 });
      assert.equal(get("acceptedSequence"), 1);
    });

    it("finds no part, and says so", () => {
      cell.write("infeed", { run: false });
      cell.run(1);
      mail(1, "pick");
      done(1);
      assert.deepEqual([get("result"), get("holding")], ["noPart", false]);
      mail(2, "place");
      done(2);
      assert.equal(get("result"), "noPart");
    });

    it("accepts a void and does nothing, so that no mail before it is ever accepted", () => {
      mail(1, "home");
      done(1);
      mail(3, "none");
      assert.deepEqual([get("acceptedSequence"), get("doneSequence"), get("result")], [3, 1, "done"]);
      assert.equal(get("ready"), true);
      mail(2, "home");
      assert.deepEqual(
        [get("rejectedSequence"), get("rejectReason"), get("acceptedSequence")],
        [2, "staleSequence", 3],
      );
    });

    it("carries: picks and places as one job", () => {
      cell.until("a part", 60, () => get("partAtPick") === true);
      mail(1, "carry");
      done(1, 30);
      assert.deepEqual([get("result"), get("picks"), get("places"), get("holding")], ["done", 1, 1, false]);
    });

    const rejections: readonly (readonly [string, string, () => void])[] = [
      [
        "busy",
        "while the arm moves",
        () => {
          cell.write("picker1", AWAY);
          mail(2, "home");
        },
      ],
      [
        "notReady",
        "while the arm is disabled",
        () => {
          write({ enable: false });
          mail(2, "home");
        },
      ],
      [
        "notReady",
        "while its own program runs",
        () => {
          write({ auto: true });
          mail(2, "home");
        },
      ],
      [
        "busy",
        "that is void, while one is running",
        () => {
          mail(2, "home");
          mail(3, "none");
        },
      ],
      ["badParameter", "that is out of reach", () => mail(2, "move", { parameters: [2000, 0, 0, 0] })],
      ["badParameter", "that is no place", () => mail(2, "move", { parameters: [Number.NaN, 0, 0, 0] })],
      [
        "staleEpoch",
        "from a superseded master",
        () => {
          mail(1, "home", { epoch: 5 });
          mail(2, "home", { epoch: 4 });
        },
      ],
    ];
    for (const [reason, when, send] of rejections) {
      it(`rejects a job ${when}`, () => {
        mail(1, "home");
        cell.run(3);
        send();
        assert.equal(get("rejectReason"), reason);
        assert.ok([2, 3].includes(Number(get("rejectedSequence"))));
      });
    }

    it("stops at once, and tells how the stopped job ended", () => {
      mail(1, "move", { parameters: [320, 0, 900, 0] });
      cell.run(0.4);
      mail(2, "stop");
      assert.deepEqual([get("doneSequence"), get("result"), get("acceptedSequence")], [1, "stopped", 2]);
      cell.run(0.01);
      assert.equal(get("state"), "stopping");
      done(2, 1);
      assert.equal(get("result"), "done");
    });

    it("reports nothing of an older epoch to a newer one", () => {
      mail(7, "move", { parameters: [320, 0, 900, 0] });
      cell.run(0.1);
      mail(7, "home", { epoch: 2 });
      assert.deepEqual([get("epoch"), get("acceptedSequence"), get("rejectReason")], [2, 0, "busy"]);
      cell.run(5);
      assert.deepEqual([get("doneSequence"), get("state")], [0, "idle"]);
      mail(7, "home", { epoch: 2 });
      done(7);
    });

    it("breaks off at a fault, and needs its reset", () => {
      mail(1, "move", { parameters: [320, 0, 900, 0] });
      cell.run(0.2);
      cell.device("picker1").memory.set("faultCode", "collision");
      done(1, 1);
      assert.deepEqual([get("result"), get("state"), get("fault")], ["fault", "fault", true]);
      mail(2, "home");
      assert.equal(get("rejectReason"), "notReady");
      write({ resetFault: true });
      cell.run(0.5);
      mail(2, "home");
      done(2);
    });

    it("moves by hand to its target", () => {
      cell.write("picker1", AWAY);
      assert.equal(get("moveToTarget"), false);
      cell.until("there", 5, () => get("ready") === true && String(get("position")) === "500,200,300");
    });

    it("opens its gripper by hand only when the coil changes", () => {
      cell.until("a part", 20, () => get("partAtPick") === true);
      mail(1, "pick");
      done(1);
      cell.run(0.1);
      write({ grip: false });
      cell.run(0.1);
      assert.equal(get("holding"), true, "what a job gripped stays while the coil only repeats itself");
      write({ grip: true });
      write({ grip: false });
      cell.run(0.1);
      assert.equal(get("holding"), false);
    });

    it("keeps its part and loses its drives when the master dies", () => {
      cell.until("a part", 20, () => get("partAtPick") === true);
      mail(1, "pick");
      done(1);
      write({ masterAlive: 1 });
      cell.run(2.5);
      assert.deepEqual([get("state"), get("watchdogTripped"), get("holding")], ["watchdog", true, true]);
      assert.deepEqual([get("enable"), get("auto")], [false, false]);
      write({ masterAlive: 2 });
      cell.run(0.1);
      assert.equal(get("state"), "disabled");
    });
  });

  it("works in a plant without conveyors", () => {
    cell = simulatedCell(["picker1"]);
    cell.until("three carried", 60, () => cell.world.delivered === 3);
  });
});
