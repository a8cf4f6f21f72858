import assert from "node:assert/strict";
import { programPools } from "../../../../src/app/scan/program-pools.ts";
import { seededRandom } from "../../../../src/kit/random.ts";
import { ms } from "../../../../src/kit/time.ts";
import { VirtualClock } from "../../../../src/kit/virtual-clock.ts";
import { ArmCell } from "../../../support/jobs/arm-cell.ts";
import { JobDisk, JobMaster } from "../../../support/jobs/job-master.ts";
import { pickersPlant } from "../../../support/jobs/job-simulation.ts";

describe("the pools that programs order from", () => {
  it("carry a job out, and tell the program where it stands", async () => {
    const plant = pickersPlant();
    const clock = new VirtualClock();
    const random = seededRandom(1);
    const cell = new ArmCell(plant, { clock, random });
    const disk = new JobDisk();
    const master = new JobMaster({ plant, cell, disk, clock, random });
    const pickers = programPools(master.pools, clock).get("pickers") ?? assert.fail();
    const order = {
      id: "box-1",
      type: "carry",
      parameters: {},
      labels: { box: "1" },
      priority: 5,
      deadline: ms(30_000),
    };
    assert.equal(pickers.fault(order), undefined);
    assert.match(pickers.fault({ ...order, type: "cary" }) ?? "", /did you mean "carry"/);
    await clock.advance(ms(1000));
    const wall = clock.wall();
    pickers.submit(order, "sorting");
    assert.equal(pickers.find("box-1")?.state, "queued");
    const stored = master.pools.pools.get("pickers")?.find("box-1");
    assert.deepEqual([stored?.origin, stored?.startBy, stored?.labels], ["sorting", wall + 30_000, { box: "1" }]);
    await clock.advance(ms(20_000));
    const job = pickers.find("box-1");
    assert.deepEqual([job?.state, job?.result, cell.delivered.length], ["done", "done", 1]);
    assert.match(job?.device ?? "", /^picker\d$/);
    assert.equal(pickers.find("box-2"), undefined);
    master.kill();
  });
});
