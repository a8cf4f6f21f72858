import assert from "node:assert/strict";
import { EndedJobs } from "../../../src/job/ended-jobs.ts";
import { ms, type WallTime, wallTime } from "../../../src/kit/time.ts";
import { VirtualClock } from "../../../src/kit/virtual-clock.ts";
import { endedJob } from "../../support/jobs/sample-job.ts";

const HOUR = 3_600_000;

describe("the memory of ended jobs", () => {
  let clock: VirtualClock;
  let jobs: EndedJobs;

  beforeEach(() => {
    clock = new VirtualClock();
    jobs = new EndedJobs(clock);
  });

  /** Ends so many; gives the ids that were forgotten for them. */
  function end(name: string, count: number, attempts = 1, at: WallTime = clock.wall()): readonly string[] {
    const forgotten: string[] = [];
    for (let n = 0; n < count; n++) forgotten.push(...jobs.add(endedJob({ id: `${name}${n}`, attempts, at })));
    return forgotten;
  }

  it("keeps what a device was given, however many come that none was", () => {
    end("done", 1);
    const forgotten = end("refused", 5000, 0);
    assert.equal(forgotten.length, 3000);
    assert.deepEqual([forgotten[0], forgotten.at(-1)], ["refused0", "refused2999"]);
    assert.equal(jobs.find("done0")?.id, "done0");
    assert.deepEqual([jobs.find("refused2999"), jobs.find("refused3000")?.id], [undefined, "refused3000"]);
  });

  it("forgets nothing that a device was given within the hour, and then the oldest", async () => {
    assert.deepEqual(end("a", 3000), []);
    await clock.advance(ms(HOUR - 1));
    assert.deepEqual(end("b", 1), []);
    await clock.advance(ms(1));
    assert.deepEqual(end("c", 1), ["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"]);
    assert.equal(end("d", 2000).length, 2992);
    assert.deepEqual([jobs.find("a2999"), jobs.find("b0")?.id, jobs.find("c0")?.id], [undefined, "b0", "c0"]);
  });

  it("keeps the last 2,000 that a device was given however old they are", async () => {
    end("a", 3000);
    await clock.advance(ms(10 * HOUR));
    assert.equal(end("b", 200).length, 1200);
    assert.equal(jobs.find("a1200")?.id, "a1200");
  });

  it("is full with 20,000 of the last hour, until the oldest of them is older", async () => {
    end("a", 19_999);
    assert.equal(jobs.full, false);
    end("b", 1);
    assert.equal(jobs.full, true);
    await clock.advance(ms(HOUR));
    assert.equal(jobs.full, false);
  });

  it("knows how old the jobs of before are, and takes none for younger than new", async () => {
    const wall = clock.wall();
    const old = Array.from({ length: 2500 }, (_, n) => endedJob({ id: `a${n}`, at: wallTime(wall - HOUR + 60_000) }));
    jobs.restore([...old, endedJob({ id: "later", at: wallTime(wall + 10 * HOUR) })]);
    assert.deepEqual(end("b", 1), []);
    await clock.advance(ms(60_000));
    assert.equal(end("c", 1)[0], "a0");
    await clock.advance(ms(HOUR));
    end("d", 2000);
    assert.equal(jobs.find("later"), undefined);
  });
});
