import assert from "node:assert/strict";
import type { TagEntry } from "../../../src/device/tag-table.ts";
import { tagTable } from "../../../src/device/tag-table.ts";
import { permitPools } from "../../../src/job/permit-pools.ts";
import { permitAll, permitNothing } from "../../../src/scan/outputs/permit.ts";
import { pickersPlant } from "../../support/jobs/job-simulation.ts";

describe("the mailbox of a device in a pool", () => {
  const plant = pickersPlant();
  const entries = tagTable(plant.devices.values());
  const entry = (device: string, tag: string): TagEntry =>
    entries.find((each) => each.device.name === device && each.tag.name === tag) ?? assert.fail();
  const MAIL = ["jobSequence", "jobEpoch", "jobCommand", "jobParameters", "jobSequenceEnd"];

  it("is written by its pool alone, every part of it", () => {
    const permit = permitPools(plant, permitAll);
    for (const tag of MAIL) {
      const verdict = permit(entry("picker2", tag));
      const reason = "it is a part of the mailbox that pool pickers writes: give the pool a job";
      assert.deepEqual(verdict, { granted: false, reason });
    }
  });

  it("is all that is kept from others", () => {
    const permit = permitPools(plant, permitAll);
    for (const tag of ["auto", "enable", "stop", "target"])
      assert.deepEqual(permit(entry("picker1", tag)), { granted: true });
    const alone = permitPools({ pools: new Map([["pickers", ["picker1"]]]) }, permitAll);
    assert.deepEqual(alone(entry("picker2", "jobSequence")), { granted: true });
  });

  it("is no way around a master that only watches", () => {
    const permit = permitPools(plant, permitNothing);
    assert.equal(permit(entry("picker1", "auto")).granted, false);
  });
});
