import assert from "node:assert/strict";
import type { Decision } from "../../../src/job/job.ts";
import { seededRandom } from "../../../src/kit/random.ts";
import { err, ok } from "../../../src/kit/result.ts";
import { ms, wallTime } from "../../../src/kit/time.ts";
import type { Request } from "../../../src/modbus/request.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { ArmCell, CellArm } from "../../support/jobs/arm-cell.ts";
import { JobDisk, JobMaster } from "../../support/jobs/job-master.ts";
import { pickersPlant } from "../../support/jobs/job-simulation.ts";
import { endedJob } from "../../support/jobs/sample-job.ts";

class Bench {
  readonly clock = new VirtualClock();
  readonly disk: JobDisk;
  readonly master: JobMaster;
  readonly cell: ArmCell;

  constructor(disk = new JobDisk()) {
    this.disk = disk;
    const plant = pickersPlant();
    const random = seededRandom(1);
    this.cell = new ArmCell(plant, { clock: this.clock, random });
    this.master = new JobMaster({ plant, cell: this.cell, disk: this.disk, clock: this.clock, random });
  }

  async pass(time: number): Promise<void> {
    await this.clock.advance(ms(time));
  }

  decide(job: string, decision: Decision, id = `d-${job}`): void {
    this.master.pools.decide({ id, pool: "pickers", job, decision, origin: "anna", replyTo: undefined });
  }

  silence(): void {
    for (const arm of this.cell.arms.values()) arm.fate = () => "lost";
  }

  state(id: string): string | undefined {
    return this.master.pools.pools.get("pickers")?.find(id)?.state;
  }

  /** What the disk says of a job. */
  stored(id: string): string | undefined {
    const jobs = this.disk.read().flatMap((change) => (change.kind === "job" ? change.job : []));
    return jobs.find((job) => job.id === id)?.state;
  }

  get answers(): readonly string[] {
    return this.master.answers.map(({ id, outcome, reason }) => [id, outcome, reason].filter(Boolean).join(" "));
  }
}

describe("a pool", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench();
    await bench.pass(500);
  });

  afterEach(() => bench.master.kill());

  it("carries a decision out when it is stored, and says so then", async () => {
    bench.silence();
    await bench.pass(3000);
    bench.master.submit("a", "carry");
    await bench.pass(200);
    bench.disk.refusal = "the disk is full";
    bench.decide("a", "skip");
    await bench.pass(3000);
    assert.deepEqual([bench.stored("a"), bench.answers], ["queued", []]);
    bench.disk.refusal = undefined;
    await bench.pass(3000);
    assert.deepEqual([bench.stored("a"), bench.answers], ["failed", ["d-a decided"]]);
  });

  for (const [decision, state] of [
    ["retry", "queued"],
    ["skip", "failed"],
    ["done", "done"],
  ] as const) {
    it(`gives a quarantined job the end or the beginning that a person decides: ${decision}`, async () => {
      bench.master.submit("a", "carry");
      await bench.pass(700);
      assert.equal(bench.state("a"), "running");
      bench.silence();
      await bench.pass(8000);
      assert.equal(bench.state("a"), "quarantined");
      bench.decide("a", decision);
      assert.equal(bench.state("a"), state);
      await bench.pass(500);
      assert.deepEqual([bench.stored("a"), bench.answers], [state, ["d-a decided"]]);
      bench.decide("a", "done", "d-2");
      assert.match(bench.answers.at(-1) ?? "", /^d-2 rejected it is (done|failed|queued)/);
    });
  }

  it("carries a decision out once, however often it comes, and whichever master it comes to", async () => {
    bench.master.submit("a", "carry");
    await bench.pass(700);
    bench.decide("a", "retry", "d1");
    bench.silence();
    await bench.pass(8000);
    bench.decide("a", "retry", "d1");
    assert.equal(bench.state("a"), "quarantined");
    bench.decide("a", "retry", "d2");
    await bench.pass(500);
    bench.decide("a", "retry", "d2");
    bench.decide("a", "skip", "d2");
    await bench.pass(500);
    const refused = "d1 rejected it is running, not quarantined";
    const used = `d2 rejected id "d2" was already used for another decision`;
    assert.deepEqual(bench.answers, [refused, refused, "d2 decided", used, "d2 decided"]);
    assert.equal(bench.state("a"), "queued");
    bench.master.kill();
    bench = new Bench(bench.disk);
    bench.decide("a", "skip", "d3");
    assert.match(bench.answers.at(-1) ?? "", /^d3 rejected busy/);
    await bench.pass(100);
    bench.decide("a", "skip", "d2");
    bench.decide("a", "retry", "d2");
    await bench.pass(500);
    assert.deepEqual(bench.answers.slice(1), [used, "d2 decided"]);
    bench.decide("a", "retry", "d3");
    assert.match(bench.answers.at(-1) ?? "", /^d3 rejected it is/);
  });

  it("takes no more decisions than the store keeps up with, however often one comes", async () => {
    bench.silence();
    await bench.pass(3000);
    bench.master.submit("a", "carry");
    await bench.pass(200);
    for (let times = 0; times < 1000; times++) bench.decide("a", "skip");
    assert.equal(bench.answers.length, 1000 - 256);
    assert.equal(bench.answers.at(-1), "d-a rejected busy: the store does not keep up");
    await bench.pass(10_000);
    bench.decide("a", "skip");
    await bench.pass(500);
    assert.equal(bench.answers.at(-1), "d-a decided");
  });

  it("says of another order under the id of an open job that its end is not meant", async () => {
    bench.silence();
    await bench.pass(3000);
    bench.master.submit("a", "carry");
    bench.master.submit("a", "pick");
    bench.decide("a", "skip");
    bench.master.submit("a", "pick");
    assert.deepEqual(
      bench.master.answers.map(({ outcome, awaited }) => [outcome, awaited]),
      [
        ["rejected", true],
        ["rejected", undefined],
      ],
    );
  });

  it("refuses what the disk does not take, and is free to take the same order later", async () => {
    bench.disk.refusal = "the disk is full";
    bench.master.submit("a", "carry");
    await bench.pass(500);
    assert.deepEqual([bench.answers, bench.state("a")], [["a rejected not stored: the disk is full"], undefined]);
    assert.equal(bench.cell.deeds.length, 0);
    bench.disk.refusal = undefined;
    await bench.pass(2000);
    bench.master.submit("a", "carry");
    await bench.pass(30_000);
    assert.deepEqual([bench.state("a"), bench.cell.delivered.length], ["done", 1]);
  });

  it("begins nothing while its changes cannot be stored, and goes on when they can", async () => {
    for (const id of ["a", "b", "c", "d"]) bench.master.submit(id, "carry");
    await bench.pass(300);
    bench.disk.refusal = "the disk is full";
    await bench.pass(30_000);
    assert.ok(bench.cell.deeds.length <= 2, `${bench.cell.deeds.length} were begun`);
    bench.disk.refusal = undefined;
    await bench.pass(40_000);
    assert.deepEqual(
      ["a", "b", "c", "d"].map((id) => bench.stored(id)),
      ["done", "done", "done", "done"],
    );
    assert.equal(bench.cell.deeds.length, 4);
  });

  it("does nothing twice that comes again after thousands that were never begun", async () => {
    bench.master.submit("a", "carry");
    await bench.pass(15_000);
    bench.silence();
    await bench.pass(3000);
    for (let n = 0; n < 2250; n++) {
      bench.master.submit(`late${n}`, "carry", { startBy: bench.clock.wall() });
      if (n % 150 === 149) await bench.pass(300);
    }
    assert.deepEqual([bench.state("late0"), bench.state("late2249")], [undefined, "failed"]);
    bench.master.submit("a", "carry");
    assert.equal(bench.answers.at(-1), "a done");
  });

  it("takes nothing while it could not remember its end, and says so", async () => {
    bench.master.kill();
    const at = wallTime(bench.clock.wall() - 3_600_000 + 2000);
    for (let n = 0; n < 20_000; n++) bench.disk.store([{ kind: "job", job: endedJob({ id: `a${n}`, at }) }]);
    bench = new Bench(bench.disk);
    await bench.pass(500);
    bench.master.submit("b", "carry");
    assert.match(bench.answers.at(-1) ?? "", /^b rejected busy: too many jobs/);
    bench.master.submit("a0", "pick");
    assert.equal(bench.answers.at(-1), "a0 done");
    await bench.pass(2000);
    bench.master.submit("b", "carry");
    assert.equal(bench.state("b"), "queued");
  });

  it("does not begin what has waited too long", async () => {
    bench.silence();
    await bench.pass(3000);
    bench.master.submit("a", "carry", { startBy: bench.clock.wall() });
    assert.equal(bench.state("a"), "queued");
    await bench.pass(100);
    assert.equal(bench.state("a"), "failed");
  });

  it("quarantines the job of a mailbox that shows no sign, and gives the device no other until it takes a void", async () => {
    bench.silence();
    await bench.pass(3000);
    const arm = bench.cell.arms.get("picker1") ?? assert.fail();
    arm.fate = () => "delivered";
    const mails: Request[] = [];
    arm.take = (request) => {
      if (request.fc !== 16) return CellArm.prototype.take.call(arm, request);
      mails.push(request);
      return { heard: true, answer: ok({ kind: "written" }) };
    };
    await bench.pass(3000);
    bench.master.submit("a", "carry", { startBy: wallTime(bench.clock.wall() + 2000) });
    await bench.pass(9000);
    assert.equal(bench.state("a"), "unknown");
    await bench.pass(6000);
    assert.equal(bench.state("a"), "quarantined");
    const before = mails.length;
    await bench.pass(20_000);
    assert.ok(mails.length > before && mails.length - before <= 3, `${mails.length - before} voids in 20 s`);
    bench.decide("a", "skip");
    bench.master.submit("b", "carry");
    await bench.pass(5000);
    assert.deepEqual([bench.state("a"), bench.state("b"), bench.answers], ["failed", "queued", ["d-a decided"]]);
    arm.take = (request) => CellArm.prototype.take.call(arm, request);
    await bench.pass(20_000);
    assert.equal(bench.state("b"), "done");
    assert.equal(bench.cell.deeds.length, 1);
  });

  it("gives what may be done twice to another device when a mailbox shows no sign", async () => {
    const dead: string[] = [];
    for (const [name, arm] of bench.cell.arms)
      arm.take = (request) => {
        if (request.fc !== 16 || (dead.length > 0 && dead[0] !== name))
          return CellArm.prototype.take.call(arm, request);
        dead[0] = name;
        return { heard: true, answer: ok({ kind: "written" }) };
      };
    for (const id of ["a", "b", "c"]) bench.master.submit(id, "move", { parameters: { x: 300, y: 200, z: 400 } });
    await bench.pass(40_000);
    assert.deepEqual(
      ["a", "b", "c"].map((id) => bench.state(id)),
      ["done", "done", "done"],
    );
  });

  it("hands no mail to a device after the moment by which its job is to be begun", async () => {
    for (const left of [20, 60, 100, 140, 180, 220, 260, 300, 400]) {
      const startBy = wallTime(bench.clock.wall() + left);
      const mails: number[] = [];
      for (const arm of bench.cell.arms.values()) {
        arm.take = (request) => {
          if (request.fc !== 16) return CellArm.prototype.take.call(arm, request);
          mails.push(bench.clock.wall() - startBy);
          return { heard: true, answer: err({ kind: "exception", code: 6 }) };
        };
      }
      bench.master.submit(`a${left}`, "carry", { startBy });
      await bench.pass(3000);
      assert.equal(bench.state(`a${left}`), "failed");
      const wasSent = bench.disk.history.some((change) => {
        return change.kind === "job" && change.job.id === `a${left}` && change.job.state === "sent";
      });
      assert.equal(wasSent, mails.length > 0);
      assert.ok(left < 200 || wasSent, "nothing was tried");
      assert.deepEqual(
        mails.filter((late) => late > 0),
        [],
        `with ${left} ms to be begun`,
      );
    }
  });
});

describe("a job that a device has accepted and does not end", () => {
  it("is given up after its time, once, and comes back when the device ends it after all", async () => {
    const bench = new Bench();
    await bench.pass(500);
    bench.master.submit("a", "carry");
    await bench.pass(700);
    const [arm] = [...bench.cell.arms.values()].filter(({ current }) => current);
    assert.ok(arm);
    arm.device.fault({ kind: "frozen" });
    await bench.pass(59_000);
    assert.equal(bench.state("a"), "running");
    await bench.pass(3000);
    const from = bench.disk.history.length;
    assert.equal(bench.state("a"), "quarantined");
    await bench.pass(60_000);
    const states = bench.disk.history.slice(from).flatMap((change) => (change.kind === "job" ? change.job.state : []));
    assert.deepEqual(states, []);
    assert.equal(bench.state("a"), "quarantined");
    arm.device.heal();
    await bench.pass(60_000);
    assert.equal(bench.state("a"), "done");
    bench.master.kill();
  });

  it("stays given up when the master begins anew meanwhile, and its time does not begin anew with it", async () => {
    const clock = new VirtualClock();
    const disk = new JobDisk();
    const plant = pickersPlant();
    const random = seededRandom(1);
    const cell = new ArmCell(plant, { clock, random });
    const begin = async (): Promise<JobMaster> => {
      const master = new JobMaster({ plant, cell, disk, clock, random });
      await clock.advance(ms(500));
      return master;
    };
    const stateOf = (master: JobMaster): string | undefined => master.pools.pools.get("pickers")?.find("a")?.state;
    let master = await begin();
    master.submit("a", "carry");
    await clock.advance(ms(700));
    const [arm] = [...cell.arms.values()].filter(({ current }) => current);
    assert.ok(arm);
    arm.device.fault({ kind: "frozen" });
    await clock.advance(ms(40_000));
    assert.equal(stateOf(master), "running");
    master.kill();
    master = await begin();
    await clock.advance(ms(25_000));
    assert.equal(stateOf(master), "quarantined");
    master.kill();
    const from = disk.history.length;
    master = await begin();
    await clock.advance(ms(5000));
    const states = disk.history.slice(from).flatMap((change) => (change.kind === "job" ? change.job.state : []));
    assert.deepEqual(states, []);
    assert.equal(stateOf(master), "quarantined");
    arm.device.heal();
    await clock.advance(ms(60_000));
    assert.equal(stateOf(master), "done");
    master.kill();
  });
});
