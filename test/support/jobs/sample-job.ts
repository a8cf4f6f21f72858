import { wallTime } from "../../../src/kit/time.ts";
import type { EndedJob, GivenJob, QueuedJob } from "../../../src/job/job.ts";

const AT = wallTime(1000);

export function queuedJob(given: Partial<QueuedJob> = {}): QueuedJob {
  return {
    ...{ id: "b1", pool: "pickers", type: "pick", parameters: {}, labels: {}, priority: 5, startBy: undefined },
    ...{ origin: "test", number: 1, replyTo: [], attempts: 0, reason: undefined, result: undefined },
    ...{ decided: undefined },
    ...{ at: AT, submittedAt: AT, acceptedAt: undefined, state: "queued", assignment: undefined },
    ...given,
  };
}

export function givenJob(given: Partial<GivenJob> = {}): GivenJob {
  const { state: _queued, assignment: _none, ...rest } = queuedJob();
  const assignment = { device: "picker1", boot: 7, epoch: 1, sequence: 5 };
  return { ...rest, attempts: 1, state: "running", assignment, ...given };
}

export function endedJob(given: Partial<EndedJob> = {}): EndedJob {
  return { ...givenJob(), at: wallTime(5000), state: "done", result: "done", ...given };
}
