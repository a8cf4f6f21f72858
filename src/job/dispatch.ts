import type { Ms } from "../kit/time.ts";
import type { QueuedJob } from "./job.ts";

/** A device as the dispatcher sees it. */
export interface Candidate {
  readonly device: string;
  /** It takes a job now. */
  readonly ready: boolean;
  /** How long it has worked in this pool so far. */
  readonly work: Ms;
}

export interface Dispatch {
  readonly job: QueuedJob;
  readonly device: string;
}

/** Which job goes to which device next: the most urgent job to the ready device that has worked least; undefined: none. */
export function nextDispatch(queue: Iterable<QueuedJob>, candidates: readonly Candidate[]): Dispatch | undefined {
  const [device] = candidates.filter(({ ready }) => ready).toSorted((a, b) => a.work - b.work);
  if (!device) return undefined;
  let first: QueuedJob | undefined;
  for (const job of queue) if (!first || goesBefore(job, first)) first = job;
  return first && { job: first, device: device.device };
}

/** By priority, then by who may wait least, then by who waits longest. */
function goesBefore(job: QueuedJob, other: QueuedJob): boolean {
  if (job.priority !== other.priority) return job.priority > other.priority;
  const left = (job.startBy ?? Infinity) - (other.startBy ?? Infinity);
  return left === 0 || Number.isNaN(left) ? job.number < other.number : left < 0;
}
