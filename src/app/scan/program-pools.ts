import { jobFault } from "../../device/job-fault.ts";
import type { JobPools } from "../../job/job-pools.ts";
import type { Clock } from "../../kit/clock.ts";
import { wallTime } from "../../kit/time.ts";
import type { ProgramPool } from "../../scan/program/program-jobs.ts";

/** The pools of a plant, as its programs use them. */
export function programPools({ pools }: JobPools, clock: Pick<Clock, "wall">): ReadonlyMap<string, ProgramPool> {
  return new Map(
    [...pools].map(([name, pool]) => [
      name,
      {
        fault: (order) => jobFault(order, pool.mailbox),
        submit({ deadline, ...order }, program) {
          const startBy = deadline === undefined ? undefined : wallTime(clock.wall() + deadline);
          pool.submit({ ...order, pool: name, startBy, origin: program, replyTo: undefined, takeBy: undefined });
        },
        find(id) {
          const job = pool.find(id);
          return job && { state: job.state, device: job.assignment?.device, reason: job.reason, result: job.result };
        },
      },
    ]),
  );
}
