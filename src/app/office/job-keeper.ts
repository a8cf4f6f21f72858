import type { EndedJob } from "../../job/job.ts";
import type { JobChange } from "../../job/job-journal.ts";
import { errorStack } from "../../kit/error-message.ts";
import type { Logger } from "../../kit/logger.ts";
import type { OfficeEnd } from "../../link/office-end.ts";
import type { PlantOutputs } from "./plant-outputs.ts";
import { JobStore } from "../../store/job-store.ts";
import type { Store } from "../../store/store.ts";

export interface JobKeeperOptions {
  readonly end: OfficeEnd;
  readonly outputs: PlantOutputs;
  readonly store: Store | undefined;
  readonly logger: Logger;
}

/** What the office does with the jobs' changes: stores them, tells them, and acknowledges them. */
export interface JobKeeper {
  append(append: number, changes: readonly JobChange[]): void;
  /** Gives the scan what is stored, now or when the store is there. */
  begin(): void;
  /** Waits for what is being stored. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Where there is no store, jobs last as long as the master. */
export function jobKeeper({ end, outputs, store, logger }: JobKeeperOptions): JobKeeper {
  if (!store) {
    return {
      append(append, changes) {
        outputs.jobs(changes, () => undefined);
        end.jobsStored(append, undefined);
      },
      begin: () => end.jobsRead([]),
      settled: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }
  const told = (job: EndedJob): void => jobs.told(job);
  const jobs = new JobStore({
    store,
    read({ changes, untold, unreadable }) {
      if (unreadable > 0) logger.error("jobs.unreadable", { records: unreadable });
      outputs.jobsRecalled({ changes, untold }, told);
      end.jobsRead(changes);
    },
    stored: (changes) => outputs.jobs(changes, told),
    acknowledge: (append, refusal) => end.jobsStored(append, refusal),
    onError: (error) => logger.error("office.bug", { reason: errorStack(error) }),
  });
  return {
    append: (append, changes) => jobs.append(append, changes),
    begin: () => jobs.load(),
    settled: () => jobs.settled(),
    close: () => jobs.close(),
  };
}
