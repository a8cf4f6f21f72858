import type { CommandResult } from "../../command/command.ts";
import type { DeviceStatus } from "../../device/device-status.ts";
import { type EndedJob, isEnded } from "../../job/job.ts";
import type { JobChange } from "../../job/job-journal.ts";
import type { JobAnswer } from "../../job/job-request.ts";
import type { Ms } from "../../kit/time.ts";
import type { DeviceAlarms, PlantEvent, PlantStatistics, SampleBatch } from "../../link/messages.ts";
import type { Bridge } from "../../mqtt/json/bridge.ts";
import type { RecalledChanges } from "../../mqtt/json/job-desk.ts";
import type { EdgeNode } from "../../mqtt/sparkplug/edge-node.ts";

/** Where the plant is told over MQTT. */
export interface PlantOutputs {
  blocks(blocks: readonly (readonly number[])[]): void;
  samples(batch: SampleBatch): void;
  device(status: DeviceStatus): void;
  result(result: CommandResult): void;
  stats(stats: PlantStatistics): void;
  event(event: PlantEvent): void;
  alarms(alarms: DeviceAlarms): void;
  /** Changes of jobs that are stored. `told` hears of each end once whoever asked has been told, as far as the broker goes. */
  jobs(changes: readonly JobChange[], told: (job: EndedJob) => void): void;
  /** What was stored before, and the ends among it that were not told. */
  jobsRecalled(recalled: RecalledChanges, told: (job: EndedJob) => void): void;
  jobAnswer(answer: JobAnswer): void;
  /** See {@link Bridge.stop}. */
  stop(how: { readonly deadline: Ms; readonly orderly: boolean }): Promise<void>;
}

/** JSON topics, a Sparkplug edge node, or both. The outcome of a command goes where the command came from. */
export function plantOutputs(bridge: Bridge | undefined, edge: EdgeNode | undefined): PlantOutputs {
  return {
    blocks(blocks) {
      bridge?.blocks(blocks);
      edge?.blocks(blocks);
    },
    samples(batch) {
      bridge?.samples(batch);
      edge?.samples(batch);
    },
    device(status) {
      bridge?.device(status);
      edge?.device(status);
    },
    result(result) {
      if (edge?.result(result) !== true) bridge?.result(result);
    },
    stats(stats) {
      bridge?.stats(stats);
      edge?.stats(stats);
    },
    event: (event) => bridge?.event(event),
    alarms: (alarms) => bridge?.alarms(alarms),
    jobs(changes, told) {
      bridge?.jobs(changes, told);
      if (!bridge) for (const change of changes) if (change.kind === "job" && isEnded(change.job)) told(change.job);
    },
    jobsRecalled(recalled, told) {
      if (bridge) bridge.jobsRecalled(recalled, told);
      else recalled.untold.forEach(told);
    },
    jobAnswer: (answer) => bridge?.jobAnswer(answer),
    async stop(how) {
      await Promise.all([bridge?.stop(how), edge?.stop(how.deadline)]);
    },
  };
}
